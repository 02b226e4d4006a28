"""A date that moves while it is held: its buyer hears of it before paying, and is asked to look."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from events_pages.dates import edits
from events_pages.enums import PerformanceStatus
from tests import factories, stories
from ticketing.domain.errors import DateChanged
from ticketing.domain.stock import basket_contents, basket_dates
from ticketing.models import BasketLine, Order

pytestmark = pytest.mark.django_db

EVENING = datetime(2027, 7, 9, 18, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def kind():
    return factories.make_type(factories.make_sale(factories.make_event(starts_at=EVENING)), price="0.00")


def change(kind, **fields):
    return edits.change_performance(kind.sale.performance, **fields)


def read(basket):
    lines = basket_contents.read_basket(basket, timezone.now()).lines
    basket_dates.attach_dates(basket, lines, timezone.now())
    return lines


def words_of(basket):
    [line] = read(basket)
    return line.date.when_words


def test_what_stays_where_it_was_is_no_news(kind, django_assert_num_queries):
    basket = stories.hold_tickets(kind)
    lines = basket_contents.read_basket(basket, timezone.now()).lines
    with django_assert_num_queries(0):
        basket_dates.attach_dates(basket, lines, timezone.now())
    assert basket_dates.list_news(lines) == []
    assert lines[0].date.when_words == "Fri 9 July 2027, 19:30"


def test_a_date_that_moved_says_both(kind):
    basket = stories.hold_tickets(kind)
    change(kind, starts_at=EVENING + DAY)
    change(kind, starts_at=EVENING + 2 * DAY)
    assert words_of(basket) == "Now Sun 11 July 2027, 19:30 (it was Fri 9 July, 19:30)"
    assert basket_dates.list_news(read(basket))[0].news[0] == "Sea Shanties has changed"


def test_another_venue_is_said(kind):
    basket = stories.hold_tickets(kind)
    change(kind, venue=factories.make_venue("Town Hall"))
    [line] = read(basket)
    assert line.date.place_words == "Town Hall, St Helier (it was Opera House, St Helier)"
    assert line.date.was_when == ""


def test_another_venue_of_the_whole_page_is_said(kind):
    basket = stories.hold_tickets(kind)
    page = kind.sale.page
    page.venue = factories.make_venue("Town Hall")
    page.save_revision().publish()
    [line] = read(basket)
    assert line.date.place_words == "Town Hall, St Helier (it was Opera House, St Helier)"


def test_a_move_before_it_was_taken_is_no_news(kind):
    change(kind, starts_at=EVENING + DAY)
    basket = stories.hold_tickets(kind)
    BasketLine.objects.update(expires_at=timezone.now() + timedelta(minutes=16))
    assert words_of(basket) == "Sat 10 July 2027, 19:30"


def test_other_edits_while_it_is_held_are_no_move(kind):
    basket = stories.hold_tickets(kind)
    change(kind, name="Gala")
    assert words_of(basket) == "Fri 9 July 2027, 19:30"


def test_another_date_of_the_page_that_moved_is_no_news(kind):
    other = factories.make_performance(kind.sale.page, starts_at=EVENING + 7 * DAY)
    basket = stories.hold_tickets(kind)
    edits.change_performance(other, starts_at=EVENING + 8 * DAY)
    change(kind, name="Gala")
    assert words_of(basket) == "Fri 9 July 2027, 19:30"


def test_what_is_called_off_is_news(kind):
    basket = stories.hold_tickets(kind)
    change(kind, status=PerformanceStatus.CANCELLED)
    assert basket_dates.list_news(read(basket))[0].news == ["Sea Shanties is called off: Fri 9 July 2027, 19:30"]


def test_who_saw_the_date_before_it_moved_is_asked_to_look_again(kind):
    basket = stories.hold_tickets(kind)
    seen = basket_dates.digest_dates(read(basket))
    change(kind, starts_at=EVENING + DAY)
    with pytest.raises(DateChanged):
        stories.order_basket(basket, dates_seen=seen)
    assert not Order.objects.exists()
    order = stories.order_basket(basket, dates_seen=basket_dates.digest_dates(read(basket)))
    assert order.lines.get().starts_at == EVENING + DAY


def test_a_pass_is_compared_at_each_of_its_dates():
    page = factories.make_event(starts_at=EVENING)
    second = factories.make_performance(page, starts_at=EVENING + DAY)
    basket = stories.hold_tickets(factories.make_type(factories.make_pass(page), price="0.00"))
    seen = basket_dates.digest_dates(read(basket))
    edits.change_performance(second, starts_at=EVENING + 2 * DAY)
    with pytest.raises(DateChanged):
        stories.order_basket(basket, dates_seen=seen)
