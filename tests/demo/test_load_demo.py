"""The demo: complete, believable, and the same however often it is loaded."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from demo.content.events import EVENTS, Day, Season
from events_pages.enums import Entry, LegalKind, Parish, PerformanceStatus
from events_pages.models import EventPage, FeaturedEvent, LegalPage, Performance
from tests import factories
from ticketing.domain.stock import allocation
from ticketing.models import EventSale, Order, Ticket, TicketType

FAILING = {Decimal("11.00"), Decimal("42.01"), Decimal("42.76"), Decimal("42.91")}
"""Amounts that SumUp's sandbox always declines."""


@pytest.fixture(scope="module")
def _demo(django_db_setup, django_db_blocker):
    """Loaded once for all tests of this file, and rolled back after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()  # before the fixture of every test does: this one comes first
        factories.make_root()
        call_command("load_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(_demo, db):
    pass


def test_load_demo_fills_the_whole_island(loaded):
    pages = EventPage.objects.live()

    assert pages.count() == len(EVENTS) >= 16
    assert set(pages.values_list("venue__parish", flat=True)) == set(Parish.values)
    assert pages.filter(entry=Entry.ELSEWHERE).exists()
    statuses = set(Performance.objects.values_list("status", flat=True))
    assert {PerformanceStatus.CANCELLED, PerformanceStatus.POSTPONED} <= statuses
    assert all(LegalPage.current(kind) for kind in LegalKind)
    assert FeaturedEvent.objects.count() == 5


def test_load_demo_has_every_kind_of_sale(loaded):
    now = timezone.now()
    sold_out = EventSale.objects.get(page__slug="corbiere-by-lantern")

    assert EventPage.objects.past(now).count() == 2
    assert sold_out.allocated == sold_out.capacity == Ticket.objects.filter(sale=sold_out).count()
    assert EventSale.objects.filter(opens_at__gt=now).exists()
    assert EventSale.objects.filter(fee_policy="pass_on", booking_fee__gt=0).exists()
    assert TicketType.objects.exclude(access_code="").exists()
    assert EventSale.objects.filter(page__slug="a-midsummer-nights-dream").count() == 3
    assert EventPage.objects.upcoming(now).filter(sales=None).exists()
    for row in (*EventSale.objects.all(), *TicketType.objects.all(), *EventPage.objects.all()):
        row.full_clean()


def test_load_demo_sells_honestly(loaded):
    assert not allocation.audit_counters()


def test_load_demo_twice_changes_nothing(loaded, django_assert_max_num_queries):
    before = (Page.objects.count(), EventSale.objects.count(), Order.objects.count(), TicketType.objects.count())
    EventPage.objects.filter(slug="the-cider-fair").update(summary="Edited by an organiser.")

    with django_assert_max_num_queries(150):
        call_command("load_demo", verbosity=0)

    assert before == (
        Page.objects.count(),
        EventSale.objects.count(),
        Order.objects.count(),
        TicketType.objects.count(),
    )
    assert EventPage.objects.get(slug="the-cider-fair").summary == "Edited by an organiser."


def test_load_demo_pages_are_shown(loaded, client):
    for path in ("/", "/events/", "/events/archive/", "/about/", "/terms/", "/privacy/", "/refunds/"):
        assert client.get(path).status_code == 200, path
    for page in EventPage.objects.live():
        assert client.get(page.get_url()).status_code == 200, page


def test_load_demo_organiser_edits_events_and_nothing_else(loaded):
    organiser = get_user_model().objects.get(username="organiser")
    event = EventPage.objects.first()

    assert organiser.check_password("organiser-demo")
    assert not organiser.is_superuser
    assert event.permissions_for_user(organiser).can_publish()
    assert not LegalPage.objects.first().permissions_for_user(organiser).can_edit()
    assert organiser.has_perm("ticketing.change_eventsale")
    assert not organiser.has_perm("ticketing.change_order")


def test_load_demo_refuses_a_site_that_takes_real_money(db, settings):
    settings.SUMUP_API_URL = settings.SUMUP_LIVE_URL
    pages = Page.objects.count()

    with pytest.raises(CommandError):
        call_command("load_demo")

    assert Page.objects.count() == pages


def test_prices_never_add_up_to_an_amount_that_the_sandbox_declines():
    for event in EVENTS:
        for sale in event.sales:
            fee = Decimal(sale.fields.get("booking_fee", "0"))
            amounts = [Decimal(each["price"]) for each in sale.prices]
            prices = {amount and amount + fee for amount in amounts}
            for first, second in [*combinations(prices, 2), *((price, Decimal(0)) for price in prices)]:
                totals = {first * many + second * more for many in range(11) for more in range(11)}
                assert not totals & FAILING, (event.title, first, second)


def test_dates_are_ahead_and_on_the_day_of_the_week():
    today = date(2026, 11, 22)

    assert Day(9, weekday=5).after(today) == date(2026, 12, 5)
    assert Season(12, 17, weekday=4).after(today) == date(2026, 12, 18)
    assert Season(11, 20, weekday=4).after(today) == date(2027, 11, 26)


@pytest.mark.parametrize("days", range(0, 730, 13))
def test_demo_has_enough_ahead_whenever_it_is_loaded(days):
    today = date(2026, 11, 22) + timedelta(days=days)
    dates = sorted(event.when.after(today) for event in EVENTS)

    assert len([day for day in dates if day > today]) >= 16
    assert dates[-1] <= today + timedelta(days=410)
