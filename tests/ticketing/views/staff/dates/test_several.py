"""Several dates at once: seen first, then all or nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from events_pages.dates.island_clock import to_island_clock
from tests import factories
from tests.ticketing.views.staff.dates.screen import (
    JULY,
    history_of,
    history_of_sale,
    local,
    make_run,
    sign_in_editor,
    url,
)
from ticketing.models import EventSale, TicketType

pytestmark = pytest.mark.django_db


def preview(client, page, dates, **wish):
    return client.post(url("several", page.pk), {"date": [each.pk for each in dates], **wish})


def confirm(client, page, dates, *, digest=None, **wish):
    seen = digest or preview(client, page, dates, **wish).context["plan"].digest
    data = {"date": [each.pk for each in dates], "confirm": "1", "digest": seen, **wish}
    return client.post(url("several", page.pk), data)


def test_nothing_is_written_by_looking(client, page, ana):
    dates = make_run(page, 2)
    text = preview(client, page, dates, starts="20:00", capacity="60").content.decode()
    assert "19:30" in text
    assert "20:00" in text
    assert "Change 2 dates" in text
    assert set(EventSale.objects.values_list("capacity", flat=True)) == {100}


def test_several_dates_change_in_one_go(client, page, ana):
    dates = make_run(page, 2)
    wish = {"starts": "20:00", "doors": "19:15", "ends": "00:30", "capacity": "60", "type_name": "Adult", "price": "15"}
    wish |= {"opens_days": "10", "closes_minutes": "90", "selling": "stop"}
    confirm(client, page, dates, **wish)
    for date in dates:
        date.refresh_from_db()
        sale = date.sales.get()
        times = [f"{to_island_clock(each):%H:%M}" for each in (date.starts_at, date.doors_at, date.said_end)]
        assert times == ["20:00", "19:15", "00:30"]
        assert date.said_end - date.starts_at == timedelta(hours=4, minutes=30)
        assert (sale.capacity, sale.is_active, sale.ticket_types.get().price) == (60, False, Decimal(15))
        assert sale.opens_at == date.starts_at - timedelta(days=10)
        assert sale.closes_at == date.starts_at - timedelta(minutes=90)
    for date in dates:
        assert "Changed with other dates" in history_of_sale(client, date.sales.get())
    assert history_of(client, page).count("Date changed: 2031-07") == 2


def test_what_they_would_meet_at_the_venue_is_said(client, page, ana):
    dates = make_run(page, 2)
    late = dates[0].starts_at + timedelta(hours=3, minutes=15)
    factories.make_event("Late Jazz", starts_at=late)
    assert "Late Jazz" not in preview(client, page, dates, capacity="60").content.decode()
    assert "Opera House: Late Jazz" in preview(client, page, dates, starts="20:00").content.decode()


def test_doors_and_end_go_with_the_start(client, page, ana):
    date = page.schedule.first
    date.ends_at, date.is_end_estimated = JULY + timedelta(hours=2), False
    date.save()
    confirm(client, page, [date], starts="18:00")
    date.refresh_from_db()
    assert (local(date.doors_at), local(date.said_end)) == ("2031-07-05 17:30", "2031-07-05 20:00")


def test_one_refused_date_keeps_all_of_them(client, page, ana):
    first, second = make_run(page, 2)
    factories.make_order(second.sales.get().ticket_types.get(), quantity=30)
    answer = preview(client, page, [first, second], capacity="20")
    assert "30 seats are already sold or being bought" in answer.content.decode()
    answer = confirm(client, page, [first, second], capacity="20")
    assert answer.status_code == 409
    assert set(EventSale.objects.values_list("capacity", flat=True)) == {100}


def test_refused_dates_can_be_left_out(client, page, ana):
    first, second = make_run(page, 2)
    factories.make_order(second.sales.get().ticket_types.get(), quantity=30)
    answer = preview(client, page, [first, second], capacity="20", leave="1")
    assert [each.performance for each in answer.context["plan"].dates] == [first]
    confirm(client, page, [first], capacity="20")
    assert [first.sales.get().capacity, second.sales.get().capacity] == [20, 100]


def test_a_date_with_tickets_is_never_moved_with_others(client, page, ana):
    first, second = make_run(page, 2)
    factories.make_order(second.sales.get().ticket_types.get(), quantity=12)
    text = preview(client, page, [first, second], starts="20:00").content.decode()
    assert "12 tickets sold: change it one by one so that holders are told." in text
    assert 'name="confirm"' not in text
    confirm(client, page, [first, second], starts="20:00")
    first.refresh_from_db()
    assert local(first.starts_at)[-5:] == "19:30"


def test_a_date_of_sold_passes_is_never_moved_with_others(client, page, ana):
    (date,) = make_run(page, 1)
    factories.make_order(factories.make_type(factories.make_pass(page)), quantity=2)
    assert "2 tickets sold" in preview(client, page, [date], starts="20:00").content.decode()


def test_what_was_sold_since_stops_a_change(client, page, ana):
    (date,) = make_run(page, 1)
    seen = preview(client, page, [date], starts="20:00").context["plan"].digest
    factories.make_order(TicketType.objects.get())
    answer = confirm(client, page, [date], digest=seen, starts="20:00")
    assert answer.status_code == 409
    assert "Something changed since you looked" in answer.content.decode()
    date.refresh_from_db()
    assert local(date.starts_at)[-5:] == "19:30"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({}, "Write what shall change"),
        ({"price": "5"}, "Which type has this price?"),
        ({"type_name": "Adult"}, "Write its new price"),
        ({"starts": "25:00"}, "This cannot be read as a time"),
        ({"capacity": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_wrong_wish_is_refused_beside_its_field(client, page, ana, wish, why):
    answer = preview(client, page, make_run(page, 1), **wish)
    assert answer.status_code == 422
    assert why in answer.content.decode()


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"capacity": "5"}, "No tickets are sold here."),
        ({"doors": "21:00"}, "Doors would open after the start."),
    ],
)
def test_what_a_date_cannot_become_is_said_of_it(client, page, ana, wish, why):
    assert why in preview(client, page, [page.schedule.first], **wish).content.decode()


def test_dates_of_another_page_are_left_alone(client, page, ana):
    foreign = factories.make_performance(factories.make_event("Ben’s Fair"), starts_at=JULY)
    (date,) = make_run(page, 1)
    confirm(client, page, [date, foreign], starts="20:00")
    foreign.refresh_from_db()
    assert local(foreign.starts_at) == "2031-07-05 19:30"


def test_without_a_date_it_asks_for_one(client, page, ana):
    for answer in (client.get(url("several", page.pk), follow=True), client.post(url("several", page.pk), follow=True)):
        assert "Tick the dates" in answer.content.decode()


def test_who_may_not_sell_changes_times_alone(client, page):
    sale = factories.make_sale(page)
    sign_in_editor(client, page)
    date = page.schedule.first
    assert 'name="capacity"' not in client.get(url("several", page.pk), {"date": date.pk}).content.decode()
    confirm(client, page, [date], starts="20:00", capacity="5", selling="stop")
    date.refresh_from_db()
    sale.refresh_from_db()
    assert (local(date.starts_at)[-5:], sale.capacity, sale.is_active) == ("20:00", 100, True)


def test_what_has_no_tickets_goes_on_sale_with_those_of_another(client, page, ana):
    kind = factories.make_type(factories.make_sale(page, capacity=44, closes_at=JULY - timedelta(hours=1)))
    dates = [factories.make_performance(page) for _each in range(3)]
    chosen = [page.performances.first(), *dates]
    assert "the same as Sat 5 July 2031, 19:30" in preview(client, page, chosen, with_tickets="on").content.decode()
    confirm(client, page, chosen, with_tickets="on")
    for date in dates:
        sale = date.sales.get()
        assert (sale.capacity, sale.ticket_types.get().price) == (44, kind.price)
        assert sale.closes_at == date.starts_at - timedelta(hours=1)
    assert EventSale.objects.count() == 4


def test_new_tickets_and_a_change_of_sales_are_two_steps(client, page, ana):
    factories.make_sale(page)
    answer = preview(client, page, [factories.make_performance(page)], with_tickets="on", capacity="60")
    assert answer.status_code == 422
    assert "Do this first, by itself" in answer.content.decode()


def test_all_dates_to_come_are_chosen_by_one_link(client, page, ana):
    for _each in range(50):
        factories.make_performance(page)
    factories.make_performance(page, starts_at=timezone.now() - timedelta(days=2))
    link = f"{url('several', page.pk)}?all=1"
    assert link in client.get(url("list", page.pk)).content.decode()
    assert len(client.get(link).context["chosen"]) == 51
