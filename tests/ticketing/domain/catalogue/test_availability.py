"""What may be bought, and why not."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_pages.enums import Entry, PerformanceStatus
from events_pages.models import EventPage, Performance
from payments.enums import MerchantStatus
from payments.models import MerchantAccount
from tests.factories import make_event, make_merchant, make_sale, make_type
from ticketing.domain.catalogue import availability
from ticketing.domain.errors import LimitExceeded, NotOnSale
from ticketing.domain.orders import placement
from ticketing.domain.stock import basket_contents, holds
from ticketing.enums import OfferStatus
from ticketing.models import EventSale, TicketType

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SHOW = datetime(2026, 3, 14, 19, 0, tzinfo=UTC)


def sale_of(*, page=None, **fields):
    """A sale that needs no database."""
    page = EventPage(pk=1, content_type_id=1, **({"title": "Ballet", "live": True} | (page or {})))
    date = {name: fields.pop(name) for name in ("starts_at", "status") if name in fields}
    performance = Performance(**{"pk": 1, "page": page, "starts_at": SHOW} | date)
    performance.complete_times()
    return EventSale(**({"page": page, "performance": performance, "capacity": 100} | fields))


def type_of(sale=None, **fields):
    return TicketType(**({"sale": sale or sale_of(), "name": "Adult", "price": Decimal("12.00")} | fields))


# Why not


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, ""),
        ({"status": PerformanceStatus.CANCELLED}, "This date is called off."),
        ({"status": PerformanceStatus.POSTPONED}, "This date is postponed: tickets come back with the new one."),
        ({"page": {"entry": Entry.ELSEWHERE}}, "Tickets for this event are sold elsewhere."),
        ({"status": PerformanceStatus.MOVED_ONLINE}, ""),
        ({"status": PerformanceStatus.RESCHEDULED}, ""),
        ({"page": {"live": False}}, "This event is not published."),
        ({"is_active": False}, "Ticket sales are stopped."),
        ({"opens_at": datetime(2026, 3, 6, 9, 0, tzinfo=UTC)}, "On sale Fri 6 March, 9:00."),
        ({"opens_at": NOW}, ""),
        ({"closes_at": datetime(2026, 3, 1, 9, 0, tzinfo=UTC)}, "Sales ended Sun 1 March, 9:00."),
        ({"closes_at": NOW}, "Sales ended Thu 5 March, 12:00."),
        ({"starts_at": NOW}, "This performance has begun or is over."),
        ({"starts_at": NOW, "closes_at": NOW + DAY}, ""),
        ({"starts_at": NOW, "is_active": False}, "This performance has begun or is over."),
    ],
)
def test_why_not(fields, why):
    assert availability.why_sale_closed(sale_of(**fields), NOW) == why


def test_why_not_speaks_the_islands_time():
    summer = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)
    assert (
        availability.why_sale_closed(sale_of(starts_at=summer + DAY, opens_at=summer), NOW)
        == "On sale Mon 6 July, 9:00."
    )


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, ""),
        ({"is_active": False}, "This ticket is not sold any more."),
        ({"opens_at": datetime(2026, 3, 6, 9, 0, tzinfo=UTC)}, "Adult: on sale Fri 6 March, 9:00."),
        ({"closes_at": datetime(2026, 3, 1, 9, 0, tzinfo=UTC)}, "Adult ended Sun 1 March, 9:00."),
    ],
)
def test_why_not_type(fields, why):
    assert availability.why_type_closed(type_of(**fields), NOW) == why


def test_paid_types_need_somebody_to_be_paid(settings):
    settings.SUMUP_API_KEY = ""
    assert availability.why_type_closed(type_of(), NOW) == "Card payments are not set up for this event yet."
    assert availability.why_type_closed(type_of(price=Decimal(0)), NOW) == ""


# Codes and limits


@pytest.mark.parametrize(
    ("wanted", "given", "opened"),
    [
        ("", "", True),
        ("", "anything", True),
        ("Gorse", "gorse", True),
        ("Gorse", " GORSE ", True),
        ("Gorse", "", False),
        ("Gorse", "gors", False),
        ("Gorsé", "gorsÉ", True),
    ],
)
def test_opens(wanted, given, opened):
    assert availability.is_shown_for_code(type_of(access_code=wanted), given) == opened


def test_check_codes():
    with pytest.raises(NotOnSale):
        availability.check_access_codes([type_of(), type_of(access_code="gorse")], code="")


@pytest.mark.parametrize(
    ("number", "refused"), [(0, False), (1, True), (2, False), (4, False), (5, True), (10**9, True)]
)
def test_check_limits_of_a_type(number, refused):
    types = {1: type_of(min_per_order=2, max_per_order=4)}
    with pytest.raises(LimitExceeded) if refused else nullcontext():
        availability.check_order_limits(quantities={1: number}, types=types)


@given(numbers=st.lists(st.integers(0, 12), min_size=1, max_size=4), most=st.integers(1, 12))
def test_check_limits_of_the_order(numbers, most):
    sale = sale_of(max_per_order=most)
    types = {index: type_of(sale) for index in range(len(numbers))}
    fits = sum(numbers) <= most
    with nullcontext() if fits else pytest.raises(LimitExceeded, match=f"at most {most} ticket"):
        availability.check_order_limits(quantities=dict(enumerate(numbers)), types=types)


# The buy box


@pytest.fixture
def sale(db):
    page = make_event(starts_at=SHOW)
    return make_sale(page, capacity=50)


def availability_of(sale, code=""):
    loaded = EventSale.objects.select_related("page").prefetch_related("ticket_types").get(pk=sale.pk)
    return availability.build_sale_availability(loaded, NOW, code=code)


def test_availability_on_sale(sale):
    make_type(sale)
    found = availability_of(sale)
    [one] = found.types
    assert (found.status, found.reason, found.remaining, found.can_buy) == (OfferStatus.ON_SALE, "", None, True)
    assert (one.can_buy, one.price, one.fee, one.remaining, one.room) == (True, 12, 0, None, 10)


@pytest.mark.parametrize(
    ("taken", "status", "remaining", "room"),
    [
        (39, OfferStatus.ON_SALE, None, 10),
        (40, OfferStatus.LAST_FEW, 10, 10),
        (47, OfferStatus.LAST_FEW, 3, 3),
        (50, OfferStatus.SOLD_OUT, 0, 0),
    ],
)
def test_availability_counts_only_when_low(sale, taken, status, remaining, room):
    make_type(sale)
    EventSale.objects.update(allocated=taken)
    found = availability_of(sale)
    assert (found.status, found.remaining) == (status, remaining)
    assert (found.types[0].status, found.types[0].remaining, found.types[0].room) == (status, remaining, room)


def test_a_type_sells_out_alone(sale):
    make_type(sale, name="Adult")
    make_type(sale, name="Child", limit=2, allocated=2)
    adult, child = availability_of(sale).types
    assert (adult.status, child.status) == (OfferStatus.ON_SALE, OfferStatus.SOLD_OUT)
    assert (child.can_buy, child.reason) == (False, "Sold out.")


def test_fewer_than_the_least_is_sold_out(sale):
    make_type(sale, name="Family", min_per_order=3, limit=2)
    assert availability_of(sale).types[0].status == OfferStatus.SOLD_OUT


def test_hidden_types_show_with_their_code(sale):
    make_type(sale, name="Adult")
    make_type(sale, name="Friend", access_code="gorse")
    assert [one.ticket_type.name for one in availability_of(sale).types] == ["Adult"]
    assert [one.ticket_type.name for one in availability_of(sale, "GORSE").types] == ["Adult", "Friend"]
    assert availability_of(sale).has_hidden


def test_a_sale_without_types_says_so(sale):
    found = availability_of(sale)
    assert (found.can_buy, found.reason) == (False, "There are no tickets to choose yet.")


def test_a_closed_sale_gives_its_reason_to_every_type(sale):
    make_type(sale)
    EventSale.objects.update(is_active=False)
    found = availability_of(sale)
    assert found.reason == found.types[0].reason == "Ticket sales are stopped."


def test_sales_of_a_page_in_the_order_of_their_dates(sale, django_assert_num_queries):
    earlier = make_sale(sale.page, starts_at=SHOW - DAY)
    make_type(earlier)
    with django_assert_num_queries(2):
        sales = availability.list_sales_of_page(sale.page)
        assert [[one.sale.page for one in found.ticket_types.all()] for found in sales] == [[sale.page], []]
    assert sales == [earlier, sale]


# Who is paid


@pytest.fixture
def paid_to(db):
    """The type of a sale as pages load it; its merchant is the one with this code, "" the site's own by default."""

    def loaded(code, status):
        make_merchant("MDEMO001")
        merchant = make_merchant(code) if code else None
        MerchantAccount.objects.filter(merchant_code=code or "MDEMO001").update(status=status)
        sale = make_type(make_sale(merchant=merchant)).sale
        return availability.list_sales_of_page(sale.page)[0]

    return loaded


@pytest.mark.parametrize("code", ["", "MDEMO001", "MDEMO002"])
@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (MerchantStatus.CONNECTED, ""),
        (MerchantStatus.BROKEN, "Card payments are interrupted: the organiser has to renew their link to SumUp first."),
        (MerchantStatus.REVOKED, "The organiser takes no card payments at the moment."),
    ],
)
def test_a_merchant_that_cannot_be_paid_closes_paid_types_with_a_sentence(paid_to, code, status, sentence):
    sale = paid_to(code, status)
    make_type(sale, name="Baby", price="0.00")
    found = availability.build_sale_availability(
        availability.list_sales_of_page(sale.page)[0], sale.starts_at - timedelta(days=1)
    )
    assert [str(one.reason) for one in found.types] == [sentence, ""]
    assert found.can_buy


@pytest.mark.parametrize("code", ["", "MDEMO002"])
def test_nobody_takes_seats_that_cannot_be_paid(paid_to, code):
    sale = paid_to(code, MerchantStatus.BROKEN)
    with pytest.raises(NotOnSale, match="interrupted"):
        holds.hold_seats(None, sale=sale, quantities={sale.ticket_types.get().pk: 1})


@pytest.mark.parametrize("code", ["", "MDEMO002"])
def test_a_hold_made_before_the_break_is_not_ordered_into_nothing(paid_to, code):
    sale = paid_to(code, MerchantStatus.CONNECTED)
    basket = holds.hold_seats(None, sale=sale, quantities={sale.ticket_types.get().pk: 1})
    MerchantAccount.objects.update(status=MerchantStatus.BROKEN)
    buyer = {"name": "Ana", "email": "ana@example.je", "terms_version": "1", "ip": None}
    with pytest.raises(NotOnSale, match="interrupted"):
        placement.place_order(basket, merchant_group_key=basket_contents.merchant_group_key(sale), **buyer)
