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
from events_pages.public import event_list
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
    assert set(Performance.objects.values_list("status", flat=True)) >= {
        PerformanceStatus.CANCELLED,
        PerformanceStatus.POSTPONED,
        PerformanceStatus.RESCHEDULED,
    }
    assert pages.filter(entry=Entry.ELSEWHERE).exists()
    assert all(LegalPage.current(kind) for kind in LegalKind)
    assert FeaturedEvent.objects.count() == 5


def test_load_demo_has_every_kind_of_sale(loaded):
    now = timezone.now()
    sold_out = EventSale.objects.get(page__slug="corbiere-by-lantern")

    assert len(event_list.list_past(EventPage.objects.live(), now)) == 2
    assert sold_out.allocated == sold_out.capacity == Ticket.objects.filter(sale=sold_out).count()
    assert EventSale.objects.filter(opens_at__gt=now).exists()
    assert EventSale.objects.filter(fee_policy="pass_on", booking_fee__gt=0).exists()
    assert TicketType.objects.exclude(access_code="").exists()
    assert EventPage.objects.filter(sales=None, performances__ends_at__gt=now).exists()
    for model in (EventSale, TicketType, EventPage, Performance):
        for row in model.objects.all():
            row.full_clean()


def test_load_demo_has_a_run_of_six_nights_with_a_matinee(loaded):
    dates = EventPage.objects.get(slug="a-midsummer-nights-dream").schedule
    clocks = [(f"{timezone.localtime(date.starts_at):%a %H:%M}", date.name) for date in dates]

    assert clocks == [
        *((f"{day} 19:30", "") for day in ("Tue", "Wed", "Thu", "Fri")),
        ("Sat 14:30", "Matinée"),
        ("Sat 19:30", ""),
        ("Sun 19:30", ""),
    ]
    assert all(date.starts_at - date.doors_at == timedelta(hours=1) for date in dates)
    assert all(date.sales.count() == 1 for date in dates)


def test_load_demo_has_a_market_every_saturday_and_one_of_them_is_called_off(loaded):
    dates = EventPage.objects.get(slug="makers-market").schedule
    called_off = [date for date in dates if not date.takes_place]

    assert {timezone.localtime(date.starts_at).weekday() for date in dates} == {5}
    assert len(dates) == 17
    assert len(called_off) == 1
    assert called_off[0].status_note


def test_load_demo_has_a_festival_of_three_days_with_a_pass(loaded):
    page = EventPage.objects.get(slug="the-cider-fair")
    weekend = page.sales.get(performance=None)
    days = [timezone.localdate(date.starts_at) for date in page.schedule]

    assert days == [days[0], days[0] + timedelta(days=1), days[0] + timedelta(days=2)]
    assert weekend.takes_date_seats
    assert page.sales.exclude(performance=None).count() == 3


def test_load_demo_has_a_date_that_was_moved(loaded):
    (date,) = EventPage.objects.get(slug="the-black-dog-of-bouley-bay").schedule

    assert date.starts_at - date.former_starts_at == timedelta(days=7)
    assert date.status == PerformanceStatus.RESCHEDULED
    assert date.sequence == 1


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
