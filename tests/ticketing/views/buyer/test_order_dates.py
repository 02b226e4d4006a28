"""The order's page tells today's truth: moved, called off, postponed, online, and where a pass was used."""

from datetime import UTC, datetime, timedelta

import pytest

from events_pages.dates import edits
from events_pages.enums import PerformanceStatus
from tests import factories, stories
from tests.ticketing.views.shop import order_url
from ticketing.domain.admission import checkin
from ticketing.domain.changes import drafts
from ticketing.enums import OrderState
from ticketing.models import ChangeNotice, Order, Ticket

pytestmark = pytest.mark.django_db

EVENING = datetime(2027, 7, 9, 18, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def order():
    page = factories.make_event("Sea Shanties", starts_at=EVENING)
    return stories.make_paid_order(factories.make_type(factories.make_sale(page), price="12.00"))


def change(order, **fields):
    edits.change_performance(order.lines.first().sale.performance, **fields)


def call_off(order, note="A gale."):
    change(order, status=PerformanceStatus.CANCELLED, status_note=note)


def add_evening(order, title="Lighthouse Tales"):
    kind = factories.make_type(factories.make_sale(factories.make_event(title, starts_at=EVENING + 7 * DAY)))
    return factories.make_order_line(order, kind, quantity=1)


def shown(client, order):
    page = client.get(order_url(order))
    assert page.status_code == 200
    return page.text


def codes_of(client, order):
    return [
        client.get(order_url(order, "order-qr", ticket.pk)).status_code
        for ticket in Ticket.objects.filter(line__order=order)
    ]


def test_a_moved_date_says_what_it_is_now_and_what_it_was(client, order):
    change(order, starts_at=EVENING + DAY + timedelta(minutes=30), venue=factories.make_venue("Town Hall"))
    page = shown(client, order)
    assert "You’re going to" in page
    assert "Now Sat 10 July 2027, 20:00 (it was Fri 9 July, 19:30)" in page
    assert "Town Hall, St Helier (it was Opera House, St Helier)" in page
    assert codes_of(client, order) == [200, 200]


def test_a_date_put_back_is_no_news(client, order):
    change(order, starts_at=EVENING + DAY)
    change(order, starts_at=EVENING)
    page = shown(client, order)
    assert "it was" not in page
    assert "has changed" not in page


def test_what_is_called_off_has_no_code_to_come_with(client, order):
    call_off(order)
    page = shown(client, order)
    assert "You’re going to" not in page
    assert "Sea Shanties is called off" in page
    assert "A gale." in page
    assert "/qr/" not in page
    assert "Download PDF" not in page
    assert codes_of(client, order) == [404, 404]
    assert client.get(order_url(order, "order-pdf")).status_code == 404
    assert client.get(order_url(order, "order-calendar")).status_code == 200


def test_money_that_nobody_asked_for_says_how_to_ask(client, order):
    organiser = order.lines.get().sale.page.organiser
    type(organiser).objects.filter(pk=organiser.pk).update(email="hello@arts.example.je")
    call_off(order)
    assert "You hear by e-mail what happens with your money." in shown(client, order)
    drafts.decline_notice(ChangeNotice.objects.get(), by=None, reason="Everybody was telephoned.")
    page = shown(client, order)
    assert "Your money has not been sent back yet." in page
    assert f'<a href="mailto:hello@arts.example.je">hello@arts.example.je</a> and name order {order.reference}.' in page


def test_what_is_not_decided_of_another_date_says_nothing_of_this(client, order):
    call_off(order)
    drafts.decline_notice(ChangeNotice.objects.get(), by=None, reason="Everybody was telephoned.")
    other = factories.make_performance(order.lines.get().sale.page, starts_at=EVENING + 7 * DAY)
    factories.make_order(factories.make_type(factories.make_sale(performance=other)))
    edits.change_performance(other, status=PerformanceStatus.CANCELLED)
    assert "Your money has not been sent back yet." in shown(client, order)


def test_money_that_is_asked_for_says_so(client, order):
    call_off(order)
    stories.request_refund(order)
    page = shown(client, order)
    assert "We have asked SumUp to return your money." in page
    assert "A refund of £24.00 is on its way" in page


def test_free_tickets_have_no_money_to_wait_for(client):
    order = factories.make_order(factories.make_type(price="0.00"))
    call_off(order)
    assert "These tickets were free, so there is no money to give back" in shown(client, order)


def test_an_evening_that_stays_is_gone_to(client, order):
    add_evening(order)
    call_off(order)
    page = shown(client, order)
    assert "You’re going to Lighthouse Tales!" in page
    assert "Sea Shanties is called off: Fri 9 July 2027, 19:30" in page
    assert "Download PDF" in page
    assert page.count("/qr/") == 1
    assert codes_of(client, order) == [404, 404, 200]


def test_what_is_postponed_keeps_its_code_and_has_no_date(client, order):
    change(order, status=PerformanceStatus.POSTPONED)
    page = shown(client, order)
    assert "Sea Shanties is postponed" in page
    assert "You’re going to" not in page
    assert "Your tickets stay valid for the new date." in page
    assert "It was to be Fri 9 July, 19:30." in page
    assert codes_of(client, order) == [200, 200]
    assert client.get(order_url(order, "order-pdf")).status_code == 200


def test_what_went_online_shows_the_way(client, order):
    change(order, status=PerformanceStatus.MOVED_ONLINE, link="https://watch.example.je/shanties")
    page = shown(client, order)
    assert "Sea Shanties takes place online" in page
    assert '<a href="https://watch.example.je/shanties" rel="noopener">' in page


@pytest.mark.parametrize("state", [OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED])
def test_who_has_no_tickets_hears_nothing_of_money(client, state):
    order = factories.make_order(state=state)
    call_off(order)
    page = shown(client, order)
    assert "Called off: " in page
    assert "has not been sent back" not in page


def test_who_has_not_paid_hears_of_it_before_paying(client):
    order = factories.make_order(state=OrderState.PENDING_VERIFICATION)
    change(order, starts_at=EVENING)
    assert "Now Fri 9 July 2027, 19:30" in shown(client, order)


def test_nobody_is_sent_to_pay_for_what_is_called_off(client, simulator):
    kind = factories.make_type(factories.make_sale(starts_at=EVENING), price="12.00")
    order = stories.place_order(kind)
    pay = order_url(order, "order-pay")
    assert pay in shown(client, order)
    call_off(order)
    page = shown(client, order)
    assert "Sea Shanties is called off" in page
    assert pay not in page
    assert client.post(pay).url == order.get_absolute_url()


def test_who_is_in_review_sees_it_too(client, order):
    Order.objects.update(state=OrderState.REQUIRES_MANUAL_REVIEW)
    call_off(order)
    page = shown(client, order)
    assert "Sea Shanties is called off" in page
    assert "/qr/" not in page


def test_a_pass_shows_its_dates_and_where_it_was_used(client):
    page = factories.make_event("Folk", starts_at=EVENING)
    second, third = (factories.make_performance(page, starts_at=EVENING + days * DAY) for days in (1, 2))
    order = factories.make_order(factories.make_type(factories.make_pass(page)), quantity=1)
    checkin.redeem_ticket(Ticket.objects.get().code, performance=second, by=None)
    edits.change_performance(third, status=PerformanceStatus.CANCELLED)
    found = shown(client, order)
    assert "Fri 9 and Sat 10 July 2027" in found
    assert "Valid once at each of 2 dates" in found
    assert found.count("<strong>(used ") == 1
    assert "Sun 11 July 2027, 19:30: called off" in found
    assert "Your pass is valid at the others." in found
    assert codes_of(client, order) == [200]
    for date in page.performances.exclude(pk=third.pk):
        edits.change_performance(date, status=PerformanceStatus.CANCELLED)
    assert "Folk is called off" in shown(client, order)
    assert codes_of(client, order) == [404]


@pytest.mark.parametrize("lines", [1, 4])
def test_dates_cost_the_same_for_any_number_of_lines(client, order, lines, django_assert_num_queries):
    for _ in range(lines - 1):
        add_evening(order)
    change(order, starts_at=EVENING + DAY)
    shown(client, order)
    with django_assert_num_queries(6):  # one of them for a choice that may be open, where a date changed
        shown(client, order)
