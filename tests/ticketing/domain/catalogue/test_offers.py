"""What a card says of an event's tickets."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events_pages.enums import Entry, PerformanceStatus
from events_pages.models import EventPage, Performance
from tests.factories import make_event, make_merchant, make_pass, make_performance, make_sale, make_type, show_on_card
from ticketing.domain.catalogue import offers
from ticketing.enums import OfferStatus
from ticketing.models import EventSale

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SHOW = datetime(2026, 3, 14, 19, 0, tzinfo=UTC)


@pytest.fixture
def sale(db):
    return make_sale(make_event(starts_at=SHOW), capacity=50)


def offer(page, shown=None):
    """On its card, as a list that shows its first date hands it on."""
    page = show_on_card(EventPage.objects.get(pk=page.pk), shown)
    return offers.list_offers_of_pages([page], NOW)[page.pk]


@pytest.mark.parametrize(
    ("prices", "label"),
    [
        (["0.00"], "Free"),
        (["12.00"], "£12"),
        (["12.00", "12.00"], "£12"),
        (["12.50", "20.00"], "From £12.50"),
        (["0.00", "12.00", "20.00"], "Free or from £12"),
    ],
)
def test_offer_price_label(sale, prices, label):
    for price in prices:
        make_type(sale, price=price)
    found = offer(sale.page)
    assert (found.price_label, found.price) == (label, min(map(Decimal, prices)))
    assert (found.status, found.status_label) == (OfferStatus.ON_SALE, "On sale")


def test_offer_says_nothing_of_a_price_that_has_ended(sale):
    make_type(sale, price="8.00", closes_at=NOW - DAY)
    make_type(sale, price="12.00")
    make_type(sale, price="5.00", access_code="gorse")
    assert offer(sale.page).price_label == "£12"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (PerformanceStatus.CANCELLED, OfferStatus.CANCELLED),
        (PerformanceStatus.POSTPONED, OfferStatus.POSTPONED),
        (PerformanceStatus.MOVED_ONLINE, OfferStatus.ON_SALE),
    ],
)
def test_offer_status_of_the_date_comes_first(sale, status, expected):
    make_type(sale)
    Performance.objects.update(status=status)
    assert offer(sale.page).status == expected


def test_offer_of_what_is_sold_elsewhere_says_so(sale):
    make_type(sale)
    EventPage.objects.update(entry=Entry.ELSEWHERE)
    assert offer(sale.page).status == OfferStatus.ELSEWHERE


@pytest.mark.parametrize(
    ("starts_at", "status", "expected"),
    [
        (SHOW, PerformanceStatus.SCHEDULED, OfferStatus.NO_TICKETS),
        (SHOW, PerformanceStatus.MOVED_ONLINE, OfferStatus.MOVED_ONLINE),
        (NOW - DAY, PerformanceStatus.SCHEDULED, OfferStatus.PAST),
    ],
)
def test_offer_of_a_page_that_sells_nothing(db, starts_at, status, expected):
    found = offer(make_event(starts_at=starts_at, status=status))
    assert (found.status, found.price, found.price_label) == (expected, None, "")


def test_offer_takes_the_best_of_several_performances(sale):
    make_type(sale, price="12.00")
    evening = make_sale(sale.page, starts_at=SHOW + DAY, opens_at=NOW + DAY)
    make_type(evening, price="20.00")
    assert offer(sale.page).status == OfferStatus.ON_SALE
    EventSale.objects.filter(pk=sale.pk).update(allocated=50)
    assert offer(sale.page).status == OfferStatus.OPENS_SOON


def test_offer_of_a_pass_counts_too(sale):
    make_type(make_pass(sale.page), price="30.00")
    assert (offer(sale.page).price_label, offer(sale.page).status) == ("£30", OfferStatus.ON_SALE)


def test_offer_looks_at_the_date_shown_and_the_next_four(sale):
    make_type(sale, price="12.00")
    prices = ["11.00", "10.00", "9.00", "8.00", "7.00", "6.00"]
    dates = [make_performance(sale.page, starts_at=SHOW + DAY * (n + 1)) for n in range(len(prices))]
    for date, price in zip(dates, prices, strict=True):
        make_type(make_sale(performance=date), price=price)
    assert offer(sale.page).price_label == "From £8"
    assert offer(sale.page, dates[3]).price_label == "From £6"


@pytest.mark.parametrize(("number", "dates"), [(1, 1), (3, 1), (3, 12)])
def test_offers_take_two_queries_however_many_pages_and_dates(db, number, dates):
    merchant = make_merchant()
    pages = [make_event(str(index), starts_at=SHOW) for index in range(number)]
    for page in pages:
        for count in range(dates):
            make_type(make_sale(page, starts_at=SHOW + DAY * count, merchant=merchant))
        show_on_card(page)
    with CaptureQueriesContext(connection) as queries:
        found = offers.list_offers_of_pages(pages, NOW)
    assert len(found) == number
    assert len(queries) == 2


@pytest.mark.parametrize("number", [1, 3])
def test_passes_cost_two_queries_more_however_many(db, number):
    pages = [make_event(str(index), starts_at=SHOW) for index in range(number)]
    for page in map(show_on_card, pages):
        make_type(make_sale(page))
        make_type(make_pass(page, takes_date_seats=True))
    with CaptureQueriesContext(connection) as queries:
        offers.list_offers_of_pages(pages, NOW)
    assert len(queries) == 4


def test_offers_of_nothing(db):
    assert offers.list_offers_of_pages([], NOW) == {}
