"""The list of sales, a sale's own screen and its public page say the same of it."""

from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events_pages.enums import Entry
from events_pages.models import EventPage
from payments.enums import MerchantStatus
from payments.models import MerchantAccount
from tests import factories
from ticketing.models import EventSale, TicketType

pytestmark = pytest.mark.django_db


def has_types(sale):
    factories.make_type(sale)


def is_broken(sale):
    MerchantAccount.objects.update(status=MerchantStatus.BROKEN)


def is_mended_and_stopped(sale):
    MerchantAccount.objects.update(status=MerchantStatus.CONNECTED)
    EventSale.objects.update(is_active=False)


def opens_later(sale):
    EventSale.objects.update(is_active=True, opens_at=timezone.now() + timedelta(days=1))


def has_no_type_that_sells(sale):
    EventSale.objects.update(opens_at=None)
    TicketType.objects.update(is_active=False)


def is_sold_out(sale):
    TicketType.objects.update(is_active=True)
    EventSale.objects.update(allocated=100)


def has_no_account(sale):
    EventSale.objects.update(allocated=0, merchant=None)


BROKEN = "Card payments are interrupted: the organiser has to renew their link to SumUp first."
STEPS = [  # what the chip says, and why
    (lambda sale: None, "Tickets come later", "There are no tickets to choose yet."),
    (has_types, "On sale", ""),
    (is_broken, "Sales closed", BROKEN),
    (is_mended_and_stopped, "Sales closed", "Ticket sales are stopped."),
    (opens_later, "On sale soon", "On sale "),
    (has_no_type_that_sells, "Sales closed", "There are no tickets to choose yet."),
    (is_sold_out, "Sold out", ""),
    (has_no_account, "Sales closed", "Card payments are not set up for this event yet."),
]


@pytest.fixture
def sale(home):
    return factories.make_sale(factories.make_event("Sea Shanties"), merchant=factories.make_merchant())


def look(client, address):
    """Afresh: these steps write past everything that purges."""
    caches["default"].clear()
    return unescape(client.get(address).text)


def test_three_places_say_the_same_of_a_sale(admin_client, sale, settings):
    settings.SUMUP_MERCHANT_CODE = ""
    visitor, listed = Client(), reverse("wagtailsnippets_ticketing_eventsale:list")
    screen = reverse("wagtailsnippets_ticketing_eventsale:edit", args=[sale.pk])
    for step, label, reason in STEPS:
        step(sale)
        for address in (listed, screen):
            assert (f"{label}: {reason}" if reason else label) in look(admin_client, address), (step, address)
        page = look(visitor, sale.page.get_url())
        assert f">{label}</span>" in page, step
        assert reason in page, step


def test_the_sale_of_a_draft_is_not_called_on_sale(admin_client, sale):
    has_types(sale)
    EventPage.objects.update(live=False)
    for name, args in (("list", []), ("edit", [sale.pk])):
        text = look(admin_client, reverse(f"wagtailsnippets_ticketing_eventsale:{name}", args=args))
        assert "Sales closed: This event is not published." in text
        assert "On sale:" not in text


def test_a_page_says_whether_its_tickets_come_later(client, home):
    page = factories.make_event("Sea Shanties")
    assert "No ticket needed" in look(client, page.get_url())
    EventPage.objects.update(entry=Entry.TICKETS_LATER)
    for path in (page.get_url(), "/events/"):
        text = look(client, path)
        assert "Tickets come later" in text
        assert "No ticket needed" not in text
