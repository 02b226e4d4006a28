"""SELLING=invited sells to whoever has a code; SELLING=sandbox takes test payments alone, and says so everywhere."""

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from operations.launch import registry
from payments.models import MerchantAccount
from tests import factories
from tests.ticketing.views.shop import buy, check_out, hold, hold_url
from ticketing import mail
from ticketing.documents import pdf
from ticketing.domain.abuse.purchase_limits import Visitor
from ticketing.domain.errors import NotInvited
from ticketing.domain.stock import holds
from ticketing.models import BasketLine, Order

pytestmark = pytest.mark.django_db

CODE = "Gorse-Lane-1204"


@pytest.fixture
def ticket_type(home):
    return factories.make_type(price="0.00")


@pytest.fixture
def invited(settings, ticket_type):
    settings.SELLING, settings.INVITATION_CODES = "invited", ["another-one-99", CODE]
    caches["default"].clear()
    return ticket_type


def test_everybody_looks_and_the_box_asks_for_an_invitation(client, invited):
    text = client.get(invited.sale.page.get_url()).text
    assert 'name="invitation"' in text
    assert "Hold these tickets" in text


def test_nobody_holds_without_an_invitation(client, invited):
    for typed, words in (("", "Tickets are sold by invitation"), ("gorse-lane-1205", "do not know this invitation")):
        answer = hold(client, invited, invitation=typed)
        assert answer.status_code == 422
        assert words in answer.text
        assert 'name="invitation"' in answer.text
        assert 'value="2"' in answer.text
    client.cookies["invitation"] = "0" * 64
    assert hold(client, invited).status_code == 422
    assert not BasketLine.objects.exists()


def test_an_invitation_as_people_type_it_is_asked_for_once(client, invited):
    assert hold(client, invited, invitation=" gorse lane 12O4 ").status_code == 303
    assert check_out(client).status_code == 303
    assert Order.objects.count() == 1
    assert hold(client, invited, 1).status_code == 303
    assert 'name="invitation"' not in client.get(reverse("ticketing:sale", args=[invited.sale_id])).text


def test_an_invitation_ends_with_its_code(client, invited, settings):
    hold(client, invited, invitation=CODE)
    settings.INVITATION_CODES = ["another-one-99"]
    line = BasketLine.objects.get()
    for address, data in (
        (hold_url(invited), {f"qty-{invited.pk}": 3}),
        (reverse("ticketing:change"), {"line": line.pk, "quantity": 3}),
    ):
        assert "sold by invitation" in client.post(address, data).text
    BasketLine.objects.update(expires_at=None)
    assert "sold by invitation" in client.post(reverse("ticketing:rehold")).text
    line.refresh_from_db()
    assert (line.quantity, line.expires_at) == (2, None)


def test_an_invitation_is_kept_although_something_else_was_wrong(client, invited):
    assert hold(client, invited, 99, invitation=CODE).status_code == 422
    assert hold(client, invited, 1).status_code == 303


def test_the_domain_refuses_whoever_asks(invited):
    with pytest.raises(NotInvited):
        holds.hold_seats(None, sale=invited.sale, quantities={invited.pk: 1}, visitor=Visitor(is_invited=False))


def test_guesses_are_counted(client, invited, settings):
    settings.RATE_LIMITS = True
    answers = [hold(Client(), invited, invitation=f"guess-{number}").status_code for number in range(22)]
    assert answers[:20] == [422] * 20
    assert answers[-1] == 429
    assert hold(client, invited, invitation=CODE).status_code == 429


def test_an_open_site_asks_for_nothing(client, ticket_type):
    assert "invitation" not in client.get(ticket_type.sale.page.get_url()).text
    answer = hold(client, ticket_type, invitation="whatever")
    assert answer.status_code == 303
    assert "invitation" not in answer.cookies


@pytest.fixture
def trial(settings, home):
    settings.SELLING = "sandbox"
    caches["default"].clear()


def test_only_a_sandbox_is_paid_in_a_trial(client, trial, settings):
    settings.SUMUP_MERCHANT_CODE = "MDEMO001"
    settings.SUMUP_API_KEY = "sup_sk_demo"
    factories.make_merchant("MDEMO001")
    own = factories.make_type(factories.make_sale(factories.make_event("Site's")))
    named = factories.make_type(
        factories.make_sale(factories.make_event("Theirs"), merchant=factories.make_merchant("MDEMO002"))
    )
    for sandbox, status, words in ((None, 409, "being tried out, and only"), (False, 409, "only"), (True, 303, "")):
        MerchantAccount.objects.update(sandbox=sandbox)
        for ticket_type in (own, named):
            caches["default"].clear()
            assert ("Hold these tickets" in client.get(ticket_type.sale.page.get_url()).text) is bool(sandbox)
            answer = hold(Client(), ticket_type)
            assert (answer.status_code, words in answer.content.decode()) == (status, True)


def test_a_hold_from_before_the_trial_is_not_ordered_for_real_money(client, settings, home):
    ticket_type = factories.make_type(factories.make_sale(merchant=factories.make_merchant(sandbox=False)))
    assert hold(client, ticket_type).status_code == 303
    settings.SELLING = "sandbox"
    assert "being tried out" in check_out(client, group=f"merchant-{ticket_type.sale.merchant_id}").text
    assert not Order.objects.exists()


def test_a_trial_says_so_on_pages_mails_and_tickets(client, trial, settings):
    ticket_type = factories.make_type(price="0.00")
    order = buy(client, ticket_type)
    for path in ("/", "/events/", ticket_type.sale.page.get_url(), "/tickets/basket/", order.get_absolute_url()):
        assert "no real money, no real tickets" in client.get(path).text
    message = mail.build_tickets_mail(order)
    assert message.subject.startswith("[TEST] ")
    for text in (message.body, message.alternatives[0][0]):
        assert "TEST: this site is being tried out" in text
    real = pdf.build_order_pdf(order)
    settings.SELLING = "open"
    assert pdf.build_order_pdf(order) != real
    caches["default"].clear()
    assert "no real money" not in client.get("/").text
    assert not mail.build_tickets_mail(order).subject.startswith("[TEST]")


def test_the_launch_check_judges_to_whom_the_site_sells(settings):
    def judged(mode, *codes):
        settings.SELLING, settings.INVITATION_CODES = mode, list(codes)
        return str(registry.run_checks(["selling"]).results[0].colour)

    assert judged("open") == "green"
    assert judged("sandbox") == judged("invited", CODE) == "amber"
    assert judged("invited") == judged("invited", CODE, "a-b-c-d") == "red"
