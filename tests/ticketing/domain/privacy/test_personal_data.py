"""Where people are in our data: the list is complete, the export is true, the link tells nobody else."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from tests.factories import make_order, make_type, make_wish
from ticketing.domain.privacy import access_links, personal_data
from ticketing.models import Basket, Order, Ticket

OURS = ("ticketing", "payments", "protection", "operations")
PERSONAL = (models.EmailField, models.GenericIPAddressField, models.TextField, models.JSONField)
WORDS = {
    *("name", "email", "mail", "phone", "mobile", "address", "postcode", "birthday", "holder", "buyer", "guest"),
    *("username", "agent", "token", "message", "reason", "error", "text", "note", "notes", "comment", "title"),
    *("description", "summary", "sentence", "data", "answer", "problem", "to"),
}
STAFF = "about staff, not buyers"
NAMES_A_THING = "what is sold or who sells it"
PROVIDER = "ids, amounts and words of SumUp only: see payments.sumup.answers.KEPT and the tests of what is kept"
NOT_ABOUT_BUYERS = {
    "Erasure.waiting": "ids of orders that are still to be erased; none are left then",
    "Basket.token": "random; the basket is deleted after a day",
    "BasketLine.network": "256 addresses, or a /48; goes with the hold within an hour",
    "OrderLine.event_title": NAMES_A_THING,
    "OrderLine.type_name": NAMES_A_THING,
    "OrderLine.sale_name": NAMES_A_THING,
    "EventSale.name": NAMES_A_THING,
    "TicketType.name": NAMES_A_THING,
    "TicketType.description": NAMES_A_THING,
    "LaunchTick.note": "how an operator tried a launch",
    "PollingPause.reason": "why nobody asks SumUp for a while",
    "ChangeNotice.was": "what was printed of a date",
    "ChangeNotice.now": "what is printed of a date",
    "ChangeNotice.words": "told to all ticket holders of a date",
    "ChangeNotice.reason": "why all ticket holders of a date were told nothing",
    "RefundBatch.reason": "about a whole performance, told to all its buyers",
    "MerchantAccount.name": NAMES_A_THING,
    "MerchantAccount.access_token": "a credential, encrypted",
    "MerchantAccount.refresh_token": "a credential, encrypted",
    "MerchantAccount.status_reason": PROVIDER,
    "Movement.summary": PROVIDER,
    "Observation.answer": PROVIDER,
    "Payment.description": "ours: the order's reference",
    "Refund.events_before": PROVIDER,
    "ReconciliationRun.error": PROVIDER,
    "Alert.to": "an organiser's address",
    "Alert.last_error": "kind and status of the error only: payments.mail.describe",
    "SignIn.username": STAFF,
    "SignIn.address": STAFF,
    "SignIn.agent": STAFF,
    "StaffSession.address": STAFF,
    "StaffSession.agent": STAFF,
    "Maintenance.sentence": "what every visitor reads",
    "TaskRun.name": "the task's name",
    "TaskRun.arguments": "ids and times only; kept for two weeks",
    "TaskRun.error": "kept for two weeks",
    "BackupRun.error": "figures and file names only",
    "LaunchFinding.name": "the check's name",
    "LaunchFinding.words": "what is wrong with the site; of sales, accounts and settings",
    "LaunchFinding.todo": "what to do about it",
}


def looks_personal(field):
    named = isinstance(field, models.CharField) and WORDS & set(field.name.split("_"))
    return bool(named) or isinstance(field, PERSONAL)


def listed():
    places = [*personal_data.EMPTIED_COLUMNS.items(), *personal_data.REBUILT_COLUMNS.items()]
    places += [(text.model, text.fields) for text in personal_data.REDACTED_COLUMNS]
    return {f"{model.__name__}.{field}" for model, fields in places for field in fields}


def test_every_field_that_looks_personal_is_listed_or_explained():
    """A new column about buyers? Add it to `ticketing.domain.privacy.personal_data`, or say here why it is none."""
    rows = [model for name in OURS for model in apps.get_app_config(name).get_models()]
    found = {
        f"{model.__name__}.{field.name}"
        for model in rows
        for field in model._meta.local_fields
        if looks_personal(field)
    }
    assert found - listed() - NOT_ABOUT_BUYERS.keys() == set()
    assert listed() <= found
    assert NOT_ABOUT_BUYERS.keys() <= found


@pytest.fixture
def order(db):
    return make_order(make_type(price="12.50"), buyer_name="Ana Le Brocq", buyer_email="Ana@example.je")


def test_the_export_holds_all_and_reads_back(order):
    Order.objects.update(accepted_from="203.0.113.7")
    basket = Basket.objects.create(buyer_name="Ana", buyer_email="ana@example.je", address="203.0.113.8")
    make_wish(make_type(name="Child"), basket=basket)
    data = json.loads(json.dumps(personal_data.export_personal_data("ana@EXAMPLE.je"), cls=DjangoJSONEncoder))
    [bought], [wished] = data["orders"], data["baskets"]
    assert data["version"] == personal_data.EXPORT_VERSION
    assert bought["reference"] == order.reference
    assert (bought["buyer_name"], bought["buyer_email"]) == ("Ana Le Brocq", "Ana@example.je")
    assert (bought["total"], bought["accepted_from"], bought["terms_version"]) == ("25.00", "203.0.113.7", "2026-01")
    assert [ticket["holder_name"] for ticket in bought["tickets"]] == ["Ana Le Brocq"] * 2
    assert bought["lines"][0]["event_title"] == "Sea Shanties"
    assert bought["erased_on"] > data["made_at"][:10]
    assert (wished["buyer_name"], wished["address"]) == ("Ana", "203.0.113.8")
    assert wished["lines"] == [{"ticket": "Child", "quantity": 2}]


def test_the_export_opens_no_door(order):
    exported = json.dumps(personal_data.export_personal_data("ana@example.je"), cls=DjangoJSONEncoder)
    assert not any(ticket.code in exported for ticket in Ticket.objects.all())
    assert order.token not in exported


def test_the_export_costs_the_same_for_any_number_of_orders(order, django_assert_num_queries):
    personal_data.export_personal_data("ana@example.je")  # the sites' settings are read once
    for _ in range(2):
        with django_assert_num_queries(9):
            personal_data.export_personal_data("ana@example.je")
        make_order(order.lines.get().ticket_type, buyer_email="ana@example.je")


@pytest.mark.parametrize("email", ["", " ", "bob@example.je", "ana@example", "%"])
def test_others_are_not_in_it(order, email):
    assert not personal_data.collect_personal_data(email)


def test_the_key_leads_to_the_address_for_a_day(order):
    key = access_links.make_access_key(order)
    assert access_links.read_access_key(key) == "Ana@example.je"
    assert "ana" not in key.lower()
    with time_machine.travel(timezone.now() + access_links.ACCESS_KEY_LIFE + timedelta(seconds=2)):
        assert access_links.read_access_key(key) == ""


def test_the_key_dies_with_the_address(order):
    key = access_links.make_access_key(order)
    Order.objects.update(buyer_email="other@example.je")
    assert access_links.read_access_key(key) == ""


@pytest.mark.parametrize("key", ["", "1", "1.", "1.a.b", "x.y.z", "-1.a.b", "9" * 40 + ".a.b", "²", "1.\0.b"])
def test_other_keys_lead_nowhere(order, key):
    assert access_links.read_access_key(key) == ""


def test_a_key_for_one_order_is_none_for_another(order):
    other = make_order(make_type(), buyer_email="bob@example.je")
    _number, rest = access_links.make_access_key(order).split(".", 1)
    assert access_links.read_access_key(f"{other.pk}.{rest}") == ""


@pytest.mark.django_db
def test_an_address_is_found_by_every_spelling():
    kept = make_order(buyer_email="Ana@xn--bcher-kva.example")
    before = make_order(buyer_email="ana@bücher.example")  # by a process that still ran the code of before
    spellings = ["ANA@BÜCHER.example", "ana@xn--bcher-kva.example", "ana@bücher.example\u200b"]
    spellings += ["Ana <ana@bu\u0308cher.example>,"]
    for text in spellings:
        assert list(personal_data.orders_of_email(text)) == [before, kept], text
        assert len(personal_data.collect_personal_data(text).orders) == 2
    for text in ("", "\u200b", "ana@bucher.example"):
        assert not personal_data.orders_of_email(text), text


@pytest.mark.django_db
def test_a_link_outlives_the_other_spelling_of_its_address():
    order = make_order(buyer_email="ana@bücher.example")
    key = access_links.make_access_key(order)
    Order.objects.filter(pk=order.pk).update(buyer_email="ana@xn--bcher-kva.example")
    assert access_links.read_access_key(key) == "ana@xn--bcher-kva.example"
