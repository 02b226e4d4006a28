"""One date: added, copied, edited and deleted, through the front door."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from events_pages.dates.edits import change_performance
from events_pages.enums import PerformanceStatus
from events_pages.models import Performance
from tests import factories
from tests.stories import make_staff
from tests.ticketing.views.staff.dates.screen import (
    JERSEY,
    JULY,
    history_of,
    history_of_sale,
    local,
    make_run,
    url,
)
from ticketing.models import ChangeNotice, EventSale, TicketType

pytestmark = pytest.mark.django_db


def test_a_date_is_added_with_the_tickets_of_another(client, page, ana):
    kind = factories.make_type(factories.make_sale(page, capacity=70, opens_at=JULY - timedelta(days=30)), limit=9)
    client.post(url("add", page.pk), {"starts_at": "12 July 2031 20:00", "with_tickets": "on", "name": "Late night"})
    made = Performance.objects.get(name="Late night")
    sale = EventSale.objects.get(performance=made)
    assert (sale.capacity, sale.allocated) == (70, 0)
    assert local(sale.opens_at) == "2031-06-12 20:00"
    assert list(sale.ticket_types.values_list("name", "price", "limit")) == [("Adult", kind.price, 9)]
    assert "Date added" in history_of(client, page)
    assert "Put on sale with the tickets of Sat 5 July 2031, 19:30" in history_of_sale(client, sale)


def test_a_date_is_added_without_tickets_where_nobody_asks_for_them(client, page, ana):
    factories.make_sale(page)
    client.post(url("add", page.pk), {"starts_at": "12 July 2031 20:00"})
    assert page.performances.count() == 2
    assert EventSale.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"starts_at": "12 July 2031"}, "Write the time too"),
        ({"starts_at": ""}, "This field is required"),
        ({"starts_at": "5 July 2020 19:30"}, "This moment is in the past"),
        ({"starts_at": "5 July 2031 19:30"}, "There is a date at this moment already"),
        ({"starts_at": "6 July 2031 19:30", "ends_at": "6 July 2031 18:00"}, "The end must come after the start"),
        ({"starts_at": "6 July 2031 19:30", "doors_at": "6 July 2031 20:00"}, "Doors open before the start"),
    ],
)
def test_a_wrong_date_is_refused_beside_its_field(client, page, ana, typed, why):
    answer = client.post(url("add", page.pk), typed)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert page.performances.count() == 1


def test_a_copy_keeps_its_distances_by_the_clock(client, page, ana):
    """From summer to winter time: doors stay half an hour before, and sales open at ten in the morning."""
    opens = datetime(2031, 6, 5, 10, 0, tzinfo=JERSEY)
    factories.make_type(factories.make_sale(page, opens_at=opens, closes_at=JULY - timedelta(hours=1)))
    client.post(url("copy", page.schedule.first.pk), {"starts_at": "5 December 2031 19:30", "sells": "on"})
    made = page.performances.last()
    sale = made.sales.get()
    assert local(made.doors_at) == "2031-12-05 19:00"
    assert local(sale.opens_at) == "2031-11-05 10:00"
    assert local(sale.closes_at) == "2031-12-05 18:30"
    assert sale.is_active


def test_a_copy_is_a_draft_that_sells_nothing_where_asked(client, page, ana):
    factories.make_order(factories.make_type(factories.make_sale(page)))
    client.post(url("copy", page.schedule.first.pk), {"starts_at": "12 July 2031 19:30"})
    sale = page.performances.last().sales.get()
    assert not sale.is_active
    assert (sale.allocated, sale.ticket_types.get().allocated) == (0, 0)


def test_an_edit_is_written_with_its_entry(client, page, ana):
    date = page.schedule.first
    client.post(
        url("edit", date.pk), {"starts_at": "5 July 2031 20:00", "ends_at": "5 July 2031 22:30", "name": "Gala"}
    )
    date.refresh_from_db()
    assert (local(date.starts_at), local(date.said_end), date.name) == ("2031-07-05 20:00", "2031-07-05 22:30", "Gala")
    assert date.sequence == 1
    assert "2031-07-05 19:30 is now 2031-07-05 20:00" in history_of(client, page)


def test_an_end_that_was_guessed_can_be_said(client, page, ana):
    date = page.schedule.first
    client.post(url("edit", date.pk), {"starts_at": "5 July 2031 19:30", "ends_at": "5 July 2031 22:30"})
    date.refresh_from_db()
    assert local(date.said_end) == "2031-07-05 22:30"


def test_an_edit_of_a_date_with_tickets_says_that_holders_do_not_know(client, page, ana):
    factories.make_order(factories.make_type(factories.make_sale(page)), quantity=4)
    date = page.schedule.first
    assert "4 tickets are sold for this date" in client.get(url("edit", date.pk)).content.decode()
    answer = client.post(url("edit", date.pk), {"starts_at": "5 July 2031 20:00"}, follow=True)
    notice = ChangeNotice.objects.get()
    text = answer.content.decode()
    assert "Their holders were not told of the change yet" in text
    assert reverse("notice", args=[notice.pk]) in text
    assert "1 change waits until you tell ticket holders of it" in text


@pytest.mark.postgres
def test_an_edit_of_a_date_with_tickets_outside_of_any_transaction(client, transactional_db):
    """As it runs for everybody: a lock that is asked for after the commit would be an error."""
    page = factories.make_event(starts_at=JULY)
    factories.make_order(factories.make_type(factories.make_sale(page)))
    client.force_login(User.objects.create_superuser("admin"))
    answer = client.post(url("edit", page.schedule.first.pk), {"starts_at": "5 July 2031 20:00"}, follow=True)
    assert "Their holders were not told" in answer.text


def test_nobody_writes_over_what_somebody_else_changed_meanwhile(client, page, ana):
    date = page.schedule.first
    change_performance(date, starts_at=JULY + timedelta(days=1))
    stale = {"starts_at": "5 July 2031 19:30", "name": "Gala", "seen": "0"}
    answer = client.post(url("edit", date.pk), stale)
    assert answer.status_code == 422
    assert "it is on Sun 6 July 2031, 19:30 now" in answer.text
    assert 'name="seen" value="1"' in answer.text
    date.refresh_from_db()
    assert (local(date.starts_at), date.name) == ("2031-07-06 19:30", "")


def test_rubbish_in_a_hidden_field_is_refused(client, page, ana):
    date = page.schedule.first
    answer = client.post(url("edit", date.pk), {"starts_at": "5 July 2031 20:00", "seen": "\x00"})
    assert answer.status_code == 422
    date.refresh_from_db()
    assert date.sequence == 0


def test_a_postponed_date_waits_until_it_has_another_day(client, page, ana):
    date = page.schedule.first
    change_performance(date, status=PerformanceStatus.POSTPONED)
    for day, status in (("5", PerformanceStatus.POSTPONED), ("9", PerformanceStatus.RESCHEDULED)):
        client.post(url("edit", date.pk), {"starts_at": f"{day} July 2031 20:00"})
        date.refresh_from_db()
        assert date.status == status


def test_a_date_that_nobody_bought_for_is_deleted_with_its_sale(client, page, ana):
    (date,) = make_run(page, 1)
    client.get(url("delete", date.pk))
    assert page.performances.count() == 2
    client.post(url("delete", date.pk))
    assert page.performances.count() == 1
    assert not EventSale.objects.exists()
    assert "Date deleted" in history_of(client, page)


def test_who_put_a_date_on_sale_takes_it_away_again(client, page):
    (date,) = make_run(page, 1)
    client.force_login(make_staff("bob", page, "add_eventsale", "add_tickettype"))
    assert url("delete", date.pk) in client.get(url("list", page.pk)).text
    client.post(url("delete", date.pk))
    assert page.performances.count() == 1


def test_doors_of_another_day_are_refused(client, page, ana):
    date = page.schedule.first
    sent = {"starts_at": "5 July 2031 19:30", "doors_at": "4 July 2031 10:00"}
    assert "at most twelve hours before" in client.post(url("edit", date.pk), sent).text
    sent = {"starts_at": "6 July 2031 00:30", "doors_at": "5 July 2031 23:30"}
    client.post(url("edit", date.pk), sent)
    date.refresh_from_db()
    assert local(date.doors_at) == "2031-07-05 23:30"


def test_a_date_with_an_order_is_kept_and_says_why(client, page, ana):
    (date,) = make_run(page, 1)
    factories.make_order(TicketType.objects.get())
    answer = client.post(url("delete", date.pk))
    assert answer.status_code == 409
    assert "call it off instead" in answer.content.decode()
    assert date.sales.get().ticket_types.exists()


def test_a_date_that_somebody_is_buying_for_is_kept(client, page, ana):
    (date,) = make_run(page, 1)
    factories.make_wish(TicketType.objects.get())
    assert client.post(url("delete", date.pk)).status_code == 409
    assert date.sales.exists()


def test_a_date_of_sold_passes_is_kept(client, page, ana):
    factories.make_order(factories.make_type(factories.make_pass(page)))
    (date,) = make_run(page, 1)
    assert "Passes for all dates were sold" in client.post(url("delete", date.pk)).content.decode()
    assert page.performances.count() == 2


def test_the_only_date_of_a_published_page_is_kept(client, page, ana):
    answer = client.post(url("delete", page.schedule.first.pk))
    assert "only date of a published page" in answer.content.decode()
    assert page.performances.count() == 1


def test_an_end_and_doors_that_nobody_touched_go_with_the_start(client, page, ana):
    date = page.performances.first()
    begins = date.starts_at
    Performance.objects.filter(pk=date.pk).update(
        doors_at=begins - timedelta(minutes=30), ends_at=begins + timedelta(hours=2), is_end_estimated=False
    )
    later = begins + timedelta(days=1)
    typed = {"starts_at": local(later), "ends_at": local(begins + timedelta(hours=2))}
    client.post(
        url("edit", date.pk), typed | {"doors_at": local(begins - timedelta(minutes=30)), "name": "", "venue": ""}
    )
    date.refresh_from_db()
    assert (date.starts_at, date.doors_at) == (later, later - timedelta(minutes=30))
    assert date.ends_at == later + timedelta(hours=2)
