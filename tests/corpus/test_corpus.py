"""Nasty texts, dates and files in every field, parameter and import: nothing breaks, all that was kept opens."""

import email
import email.policy
import re

import pytest
from django.conf import settings
from django.urls import reverse

from common.text.typed_text import tidy_line
from tests import factories
from tests.corpus.feeding import Feeding
from tests.corpus.fields import wrong_fields
from tests.corpus.reading import open_strictly, text_of_pdf
from tests.corpus.strings import MARK, TAME
from tests.corpus.world import addresses_of, make_clients, make_world
from ticketing import mail
from ticketing.documents import pdf

FOR_FILES = re.compile("/(?:images|documents|redirects|account)/")
FEWEST_FORMS, FEWEST_UPLOADS = 20, 4
"""That stored what was typed; with fewer the walk is blind."""
NOT_FOUND = {
    ("/admin/pages/search/", TAME[23]),  # a minus at the start
    ("/events/", TAME[29]),  # a picture of two people and a flag beside a word
}
postgres = pytest.mark.skipif("postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="as the walk")
pytestmark = [pytest.mark.django_db, postgres]


@pytest.fixture
def feeding(settings, tmp_path):
    settings.RATE_LIMITS = False
    settings.MEDIA_ROOT = tmp_path
    rows = make_world()
    return Feeding(make_clients(rows), rows)


def test_every_form_takes_or_refuses_what_is_typed_and_all_that_it_kept_opens(feeding, record_property):
    addresses = list(dict.fromkeys(addresses_of(feeding.rows)))
    for role, path in addresses:
        feeding.visit(role, path)
    _kinds, tried, wrong = wrong_fields()
    feeding.wrong += wrong
    for role, path in addresses:
        feeding.read_again(role, path)
    record_property("typed", (len(feeding.fields), feeding.tried + tried))
    assert feeding.wrong == []
    assert len(feeding.stored) >= FEWEST_FORMS


def test_every_parameter_of_an_address_is_answered(feeding, record_property):
    for role, path in dict.fromkeys(addresses_of(feeding.rows)):
        feeding.question(role, path)
    record_property("typed", (len(feeding.fields), feeding.tried))
    assert feeding.wrong == []


def test_every_field_for_files_takes_or_refuses_them_and_what_it_kept_opens(feeding, record_property):
    addresses = list(dict.fromkeys(addresses_of(feeding.rows)))
    shown = [path for role, path in addresses if role != "buyer" and FOR_FILES.search(path)]
    for path in shown:
        feeding.upload("administrator", path)
    for path in shown:
        feeding.read_again("administrator", path)
    record_property("typed", (len(feeding.fields), feeding.tried))
    assert feeding.wrong == []
    assert len(feeding.stored) >= FEWEST_UPLOADS


def test_every_text_that_is_kept_is_shown_mailed_printed_exported_and_found_again(feeding):
    orders = {text: make_order_called(text) for text in TAME}
    exported = feeding.open("administrator", reverse("orders:index"), query={"export": "csv"}).text
    for text, order in orders.items():
        page = order.lines.get().sale.page
        told = mail.build_tickets_mail(order).message().as_bytes()
        assert not email.message_from_bytes(told, policy=email.policy.strict).defects
        assert MARK in text_of_pdf(pdf.build_order_pdf(order)), text
        assert MARK in open_strictly(feeding.open("buyer", order.get_absolute_url())), text
        assert order.reference in exported
        for role, path, found in (
            ("buyer", reverse("wagtail_serve", args=["events/"]), page.url),
            ("administrator", reverse("orders:index"), order.reference),
            ("administrator", reverse("wagtailadmin_pages:search"), f"/admin/pages/{page.pk}/"),
        ):
            answer = feeding.open(role, path, query={"q": text})
            if found not in answer.text and (path, text) not in NOT_FOUND:
                feeding.wrong.append(f"{path}: {text!a} is not found")
    assert feeding.wrong == []


def make_order_called(text):
    name = tidy_line(text)
    page = factories.make_event(name)
    return factories.make_order(
        factories.make_type(factories.make_sale(page), price="0.00"), quantity=1, buyer_name=name
    )
