"""“Dates and tickets”: what an organiser sees and does there, through the front door."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission

from events_pages.dates.island_clock import to_island_clock
from events_pages.models import Performance
from tests import factories
from ticketing.models import EventSale, TicketType

JERSEY = ZoneInfo("Europe/Jersey")
JULY = datetime(2031, 7, 5, 19, 30, tzinfo=JERSEY)
VERBS = ["add", "change", "delete", "view"]

pytestmark = pytest.mark.django_db


def sign_in_organiser(client, page, *, sells=True):
    group = Group.objects.create(name=f"of {page.title}")
    names = [f"{verb}_{model}" for verb in VERBS for model in ("eventsale", "tickettype")] if sells else []
    group.permissions.set(Permission.objects.filter(codename__in=[*names, "access_admin"]))
    may = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.create(group=group, page=page, permission=may)
    user = User.objects.create_user(f"ana-{page.pk}")
    user.groups.add(group)
    client.force_login(user)
    return user


@pytest.fixture
def page(home):
    return factories.make_event("Sea Shanties", starts_at=JULY, doors_at=JULY - timedelta(minutes=30))


@pytest.fixture
def ana(client, page):
    return sign_in_organiser(client, page)


def make_run(page, number, **sale):
    """So many more evenings, each on sale."""
    dates = [factories.make_performance(page) for _each in range(number)]
    for date in dates:
        factories.make_type(factories.make_sale(performance=date, **sale))
    return dates


def url(name, *args):
    return reverse(f"dates:{name}", args=args)


def local(moment):
    return f"{to_island_clock(moment):%Y-%m-%d %H:%M}"


def history_of(client, page):
    """As Wagtail shows it."""
    return client.get(reverse("wagtailadmin_pages:history", args=[page.pk])).content.decode()


def history_of_sale(client, sale):
    return client.get(reverse("wagtailsnippets_ticketing_eventsale:history", args=[sale.pk])).content.decode()


# The screen


def test_it_shows_each_date_with_its_sale(client, page, ana):
    sale = factories.make_sale(page, capacity=80)
    factories.make_order(factories.make_type(sale, price="12.00"), quantity=3)
    text = client.get(url("list", page.pk)).content.decode()
    assert "Sat 5 July 2031, 19:30" in " ".join(text.split())
    assert "doors 19:00" in text
    assert "3 sold of 80" in text
    assert "£12" in text
    assert f'{page.get_url()}dates/{page.schedule.first.pk}/"' in text


def test_a_date_without_a_sale_offers_one(client, page, ana):
    text = client.get(url("list", page.pk)).content.decode()
    assert "No tickets here" in text
    assert url("sell", page.schedule.first.pk) in text


def test_what_is_held_is_told_apart_from_what_is_sold(client, page, ana):
    kind = factories.make_type(factories.make_sale(page, capacity=80))
    wish = factories.make_wish(kind, quantity=2)
    type(wish).objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    assert "0 sold of 80, 2 held" in " ".join(client.get(url("list", page.pk)).content.decode().split())


def test_what_is_over_is_behind_a_link(client, page, ana):
    factories.make_performance(page, starts_at=timezone.now() - timedelta(days=3), name="Opening night")
    text = client.get(url("list", page.pk)).content.decode()
    assert "1 date is over" in text
    assert "Opening night" not in text
    past = client.get(url("list", page.pk), {"past": 1}).content.decode()
    assert "Opening night" in past
    assert "1 date is to come" in past


def test_passes_stand_above_the_dates(client, page, ana):
    factories.make_type(factories.make_pass(page, name="Season ticket", capacity=40))
    text = client.get(url("list", page.pk)).content.decode()
    assert text.index("Season ticket") < text.index("Dates to come")
    assert "0 sold of 40" in text


def test_it_costs_the_same_for_one_and_for_sixty_dates(client, page, ana):
    factories.make_type(factories.make_sale(page))
    counts = []
    for more in (0, 5, 54):
        make_run(page, more)
        client.get(url("list", page.pk))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text = client.get(url("list", page.pk)).content.decode()
        counts.append(len(queries))
    assert text.count('name="date"') == 50
    assert counts[0] == counts[1] == counts[2]


# Whose it is


def every_address(page, sale):
    date = sale.performance
    names = [("list", page.pk), ("add", page.pk), ("pass", page.pk), ("several", page.pk)]
    names += [(name, date.pk) for name in ("edit", "copy", "delete", "sell")]
    return [url(*each) for each in names]


def test_nobody_else_sees_or_does_anything(client, page, home):
    sale = factories.make_sale(page)
    sign_in_organiser(client, factories.make_event("Ben’s Fair"))
    for address in every_address(page, sale):
        for answer in (client.get(address, follow=True), client.post(address, follow=True)):
            assert answer.request["PATH_INFO"] == "/admin/", address
            assert "Sea Shanties" not in answer.content.decode(), address
    assert client.post(url("selling", sale.pk, "stop"), follow=True).request["PATH_INFO"] == "/admin/"
    sale.refresh_from_db()
    assert sale.is_active
    assert page.performances.count() == 1


def test_who_may_edit_but_not_sell_adds_dates_and_starts_no_sale(client, page):
    sale = factories.make_sale(page)
    sign_in_organiser(client, page, sells=False)
    other = factories.make_performance(page)
    assert client.get(url("list", page.pk)).status_code == 200
    for address in (url("pass", page.pk), url("sell", other.pk)):
        assert client.post(address, follow=True).request["PATH_INFO"] == "/admin/"
    assert client.post(url("selling", sale.pk, "stop"), follow=True).request["PATH_INFO"] == "/admin/"
    client.post(url("add", page.pk), {"starts_at": "6 July 2031 19:30", "with_tickets": "on"})
    assert page.performances.count() == 3
    assert EventSale.objects.count() == 1


def test_the_editor_and_the_list_of_pages_lead_there(admin_client, page):
    editor = reverse("wagtailadmin_pages:edit", args=[page.pk])
    for address in (editor, reverse("wagtailadmin_explore", args=[page.get_parent().pk])):
        assert url("list", page.pk) in admin_client.get(address).content.decode(), address


# One date


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
    assert "Nobody has told their holders of the change yet" in answer.content.decode()


def test_a_date_that_nobody_bought_for_is_deleted_with_its_sale(client, page, ana):
    (date,) = make_run(page, 1)
    client.get(url("delete", date.pk))
    assert page.performances.count() == 2
    client.post(url("delete", date.pk))
    assert page.performances.count() == 1
    assert not EventSale.objects.exists()
    assert "Date deleted" in history_of(client, page)


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
    assert "Passes were sold that admit to this date" in client.post(url("delete", date.pk)).content.decode()
    assert page.performances.count() == 2


def test_the_only_date_of_a_published_page_is_kept(client, page, ana):
    answer = client.post(url("delete", page.schedule.first.pk))
    assert "only date of a published page" in answer.content.decode()
    assert page.performances.count() == 1


# Selling


def type_rows(*rows):
    data = {"types-TOTAL_FORMS": "10", "types-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"types-{number}-{name}": value for name, value in row.items()}
    return data


ADULT, CHILD = {"name": "Adult", "price": "12.50", "limit": ""}, {"name": "Child", "price": "0", "limit": "20"}
NEW_SALE = {"sale-capacity": "120", "sale-max_per_order": "6"}


def test_a_date_goes_on_sale_in_one_form(client, page, ana):
    date = page.schedule.first
    client.post(url("sell", date.pk), NEW_SALE | type_rows(ADULT, CHILD))
    sale = EventSale.objects.get()
    assert (sale.performance, sale.capacity, sale.max_per_order) == (date, 120, 6)
    kinds = [("Adult", Decimal("12.50"), None), ("Child", Decimal(0), 20)]
    assert list(sale.ticket_types.values_list("name", "price", "limit")) == kinds
    assert "Put on sale: 2 ticket types" in history_of_sale(client, sale)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sale-capacity": ""}, "This field is required"),
        ({"sale-capacity": "0"}, "greater than or equal to 1"),
        ({"types-0-price": "-1"}, "greater than or equal to 0"),
        ({"types-0-name": "", "types-0-price": ""}, "Write at least one ticket type"),
        ({"types-0-name": ""}, "This field is required"),
        (
            {"sale-opens_at": "2 July 2031 10:00", "sale-closes_at": "1 July 2031 10:00"},
            "Sales must close after they open",
        ),
    ],
)
def test_a_wrong_sale_is_refused_and_nothing_is_written(client, page, ana, changes, why):
    answer = client.post(url("sell", page.schedule.first.pk), NEW_SALE | type_rows(ADULT) | changes)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not EventSale.objects.exists()


def test_a_date_takes_the_same_tickets_as_another_with_one_button(client, page, ana):
    factories.make_type(factories.make_sale(page, capacity=33))
    other = factories.make_performance(page)
    assert "The same tickets as" in client.get(url("sell", other.pk)).content.decode()
    client.post(url("sell", other.pk), {"copy": "1"})
    assert other.sales.get().capacity == 33


def test_a_date_is_not_put_on_sale_twice(client, page, ana):
    factories.make_sale(page)
    client.post(url("sell", page.schedule.first.pk), NEW_SALE | type_rows(ADULT))
    assert EventSale.objects.count() == 1


def test_a_new_sale_pays_whom_the_last_one_pays(client, page, ana):
    merchant = factories.make_merchant()
    factories.make_sale(page, merchant=merchant)
    other = factories.make_performance(page)
    assert "Island Arts Ltd" in client.get(url("sell", other.pk)).content.decode()
    client.post(url("sell", other.pk), NEW_SALE | type_rows(ADULT))
    assert other.sales.get().merchant == merchant


def test_selling_stops_and_goes_on_with_an_entry_each(client, page, ana):
    sale = factories.make_sale(page)
    client.post(url("selling", sale.pk, "stop"))
    sale.refresh_from_db()
    assert not sale.is_active
    assert "Sell again" in client.get(url("list", page.pk)).content.decode()
    client.post(url("selling", sale.pk, "resume"))
    sale.refresh_from_db()
    assert sale.is_active
    text = history_of_sale(client, sale)
    assert "Selling stopped" in text
    assert "Sold again" in text


def test_looking_at_the_address_of_a_stop_stops_nothing(client, page, ana):
    sale = factories.make_sale(page)
    assert client.get(url("selling", sale.pk, "stop")).status_code == 405
    sale.refresh_from_db()
    assert sale.is_active


def test_a_pass_is_sold_for_all_dates(client, page, ana):
    make_run(page, 2)
    data = NEW_SALE | {"sale-name": "Season ticket", "sale-takes_date_seats": "on"} | type_rows(ADULT)
    client.post(url("pass", page.pk), data)
    made = EventSale.objects.get(performance=None)
    assert (made.name, made.takes_date_seats, made.is_pass) == ("Season ticket", True, True)


def test_a_pass_takes_no_seats_of_a_date_with_several_sales(client, page, ana):
    for name in ("Stalls", "Balcony"):
        factories.make_sale(page, name=name)
    data = NEW_SALE | {"sale-name": "Season ticket", "sale-takes_date_seats": "on"} | type_rows(ADULT)
    answer = client.post(url("pass", page.pk), data)
    assert answer.status_code == 422
    assert "has several sales" in answer.content.decode()
    assert not EventSale.objects.filter(performance=None).exists()


def test_a_pass_needs_a_name(client, page, ana):
    assert client.post(url("pass", page.pk), NEW_SALE | type_rows(ADULT)).status_code == 422


# Several at once


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
    sign_in_organiser(client, page, sells=False)
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
