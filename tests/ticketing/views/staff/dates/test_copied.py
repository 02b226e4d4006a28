"""Last year's event once more: its page copied in Wagtail, its dates and sales moved by what the organiser chooses."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from wagtail.models import GroupPagePermission, PageLogEntry

from events_pages.dates.island_clock import to_island_clock
from events_pages.enums import PerformanceStatus
from events_pages.models import EventIndexPage, EventPage
from tests.events_pages.dates.performances import at
from tests.factories import make_event, make_index, make_merchant, make_order, make_pass, make_performance, make_sale
from tests.factories import make_type as make_kind
from tests.stories import make_staff
from ticketing.models import EventSale

pytestmark = pytest.mark.django_db
SELLING = ("add_eventsale", "add_tickettype", "change_tickettype")
TICK = re.compile(r'<input type="checkbox" name="date" value="([\w-]+)"( checked| disabled)?>')


@pytest.fixture
def page(clock):
    """Two nights last summer, of which the second was called off."""
    page = make_event(
        "Sea Shanties",
        starts_at=at("2026-07-03 19:30"),
        ends_at=at("2026-07-03 22:00"),
        doors_at=at("2026-07-03 19:00"),
    )
    make_performance(
        page,
        starts_at=at("2026-07-04 19:30"),
        name="Last night",
        status=PerformanceStatus.CANCELLED,
        status_note="Gale",
        former_starts_at=at("2026-07-02 19:30"),
        sequence=3,
    )
    return page


@pytest.fixture
def ana(client, page):
    user = make_staff("ana", page, *SELLING)
    add = Permission.objects.get(content_type__app_label="wagtailcore", codename="add_page")
    change = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    for verb in (add, change):
        GroupPagePermission.objects.create(group=user.groups.get(), page=make_index(), permission=verb)
    client.force_login(user)
    return user


def copy_in_wagtail(client, page, **fields):
    return client.post(
        reverse("wagtailadmin_pages:copy", args=[page.pk]),
        {"new_title": "Again", "new_slug": "again", "new_parent_page": page.get_parent().pk} | fields,
    )


def copy_page(page):
    return page.copy(update_attrs={"title": "Again", "slug": "again"}, keep_live=False)


def send(client, copy, page, **fields):
    chosen = {"of": page.pk, "shift": "weekday"} | fields
    return client.post(reverse("dates:copied", args=[copy.pk]), chosen)


def text_of(response):
    return response.content.decode()


def keys_in(response):
    return [key for key, _state in TICK.findall(text_of(response))]


def make_all(client, copy, page, **fields):
    keys = keys_in(send(client, copy, page, **fields))
    return send(client, copy, page, **fields, confirm="1", date=keys)


def starts_of(page):
    return [f"{to_island_clock(each.starts_at):%a %d %b %Y %H:%M}" for each in page.performances.all()]


def test_copying_an_event_leads_to_its_dates(client, ana, page):
    response = copy_in_wagtail(client, page)
    copy = EventPage.objects.get(slug="again")
    assert copy.performances.count() == 0
    assert (response.status_code, response.url) == (302, f"{reverse('dates:copied', args=[copy.pk])}?of={page.pk}")
    form = text_of(client.get(response.url))
    assert "Sea Shanties" in form
    assert "52 weeks later" in form


def test_a_copy_without_dates_says_so(client, ana, page):
    copy = copy_page(page)
    text = text_of(client.get(reverse("dates:list", args=[copy.pk])))
    assert "No date is to come." in text
    assert reverse("dates:copied", args=[copy.pk]) in text


def test_the_same_weekday_next_year(client, ana, page):
    copy = copy_page(page)
    shown = text_of(send(client, copy, page))
    assert "Fri 3 July 2026, 19:30" in shown
    assert "Fri 2 July 2027, 19:30" in shown
    made = make_all(client, copy, page)
    assert (made.status_code, starts_of(copy)) == (302, ["Fri 02 Jul 2027 19:30", "Sat 03 Jul 2027 19:30"])
    first, last = copy.performances.all()
    assert (first.doors_at, first.said_end) == (at("2027-07-02 19:00"), at("2027-07-02 22:00"))
    assert (last.name, last.status, last.status_note) == ("Last night", PerformanceStatus.SCHEDULED, "")
    assert (last.former_starts_at, last.sequence, last.is_end_estimated) == (None, 0, True)
    assert PageLogEntry.objects.filter(page=copy, action="events_pages.date_added", user=ana).count() == 2
    assert starts_of(page) == ["Fri 03 Jul 2026 19:30", "Sat 04 Jul 2026 19:30"]


def test_what_the_new_days_meet_is_said(client, ana, page):
    make_event("Brass Evening", starts_at=at("2027-05-03 20:00"))
    shown = text_of(send(client, copy_page(page), page, shift="chosen", first_day="3/5/2027"))
    assert "Opera House: Brass Evening, Mon 3 May, 20:00" in shown
    assert "Early May Bank Holiday" in shown


@pytest.mark.parametrize(
    ("first", "fields", "start"),
    [
        ("2026-07-03 19:30", {"shift": "day"}, "Sat 03 Jul 2027 19:30"),
        ("2026-07-03 19:30", {"shift": "chosen", "first_day": "24/7/2027"}, "Sat 24 Jul 2027 19:30"),
        ("2028-02-29 19:30", {"shift": "day"}, "Wed 28 Feb 2029 19:30"),
        ("2026-04-06 01:30", {"shift": "chosen", "first_day": "28/3/2027"}, "Sun 28 Mar 2027 02:30"),
        ("2026-10-20 19:30", {"shift": "chosen", "first_day": "1/11/2027"}, "Mon 01 Nov 2027 19:30"),
    ],
)
def test_how_far_they_move(client, ana, page, first, fields, start):
    other = make_event("Other", starts_at=at(first))
    GroupPagePermission.objects.get_or_create(
        group=ana.groups.get(), page=other, permission=Permission.objects.get(codename="change_page")
    )
    copy = copy_page(other)
    assert make_all(client, copy, other, **fields).status_code == 302
    assert starts_of(copy) == [start]


def test_what_was_called_off_is_not_ticked(client, ana, page):
    states = [state for _key, state in TICK.findall(text_of(send(client, copy_page(page), page)))]
    assert states == [" checked", ""]


def test_sales_are_copied_as_closed_drafts(client, ana, page):
    sale = make_sale(page, capacity=80, opens_at=at("2026-06-01 10:00"), closes_at=at("2026-07-03 12:00"))
    kind = make_kind(sale, price="12.00", limit=20)
    make_order(kind)
    make_pass(page, capacity=30, takes_date_seats=True, opens_at=at("2026-05-01 10:00"))
    copy = copy_page(page)
    make_all(client, copy, page, with_sales="on")
    season = EventSale.objects.get(page=copy, performance=None)
    of_date = EventSale.objects.exclude(performance=None).get(page=copy)
    assert (of_date.performance.starts_at, of_date.capacity, of_date.allocated) == (at("2027-07-02 19:30"), 80, 0)
    assert (of_date.is_active, of_date.opens_at) == (False, at("2027-05-31 10:00"))
    assert of_date.closes_at == at("2027-07-02 12:00")
    made = of_date.ticket_types.get()
    assert (str(made.price), made.limit, made.allocated) == ("12.00", 20, 0)
    assert (season.is_pass, season.name, season.is_active) == (True, "Festival pass", False)
    assert (season.takes_date_seats, season.opens_at) == (True, at("2027-04-30 10:00"))


def test_unasked_they_are_not(client, ana, page):
    make_kind(make_sale(page))
    copy = copy_page(page)
    make_all(client, copy, page)
    assert (copy.performances.count(), EventSale.objects.filter(page=copy).count()) == (2, 0)


@pytest.mark.parametrize("is_own", [True, False])
def test_it_pays_an_account_of_ones_own_or_none(client, ana, page, is_own):
    merchant = make_merchant(group=ana.groups.get() if is_own else None)
    make_sale(page, merchant=merchant)
    copy = copy_page(page)
    make_all(client, copy, page, with_sales="on")
    assert EventSale.objects.get(page=copy).merchant == (merchant if is_own else None)


def test_who_may_not_sell_copies_no_sale(client, page):
    make_sale(page)
    clerk = make_staff("clerk", page)
    copy = copy_page(page)
    change = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.create(group=clerk.groups.get(), page=copy, permission=change)
    client.force_login(clerk)
    make_all(client, copy, page, with_sales="on")
    assert (copy.performances.count(), EventSale.objects.filter(page=copy).count()) == (2, 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"shift": "chosen"}, "Write the day of the first date."),
        ({"shift": "chosen", "first_day": "30/2/2027"}, "February 2027 has 28 days."),
        ({"shift": "never"}, "Select a valid choice."),
        ({"of": "999999"}, "Select a valid choice."),
        ({"of": "x"}, "Select a valid choice."),
        ({"of": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_is_said_in_words(client, ana, page, fields, words):
    response = send(client, copy_page(page), page, **fields)
    assert (response.status_code, words in text_of(response)) == (422, True), text_of(response)


def test_past_days_are_not_made(client, ana, page):
    copy = copy_page(page)
    shown = send(client, copy, page, shift="chosen", first_day="12/3/2027")
    assert [state for _key, state in TICK.findall(text_of(shown))] == [" disabled", ""]
    refused = send(client, copy, page, shift="chosen", first_day="12/3/2027", confirm="1", date=keys_in(shown))
    assert (refused.status_code, copy.performances.count()) == (409, 0)


def test_sent_twice_it_is_made_once(client, ana, page):
    copy = copy_page(page)
    keys = keys_in(send(client, copy, page))
    assert send(client, copy, page, confirm="1", date=keys).status_code == 302
    assert send(client, copy, page, confirm="1", date=keys).status_code == 409
    assert copy.performances.count() == 2
    assert "there already" in text_of(send(client, copy, page))


def test_without_a_tick_it_asks_for_one(client, ana, page):
    assert send(client, copy_page(page), page, confirm="1").status_code == 422


def test_the_dates_of_another_organiser_are_no_choice(client, ana, page):
    his = make_event("His", starts_at=at("2027-07-03 19:30"), parent=make_elsewhere())
    copy = copy_page(page)
    assert send(client, copy, his).status_code == 422
    assert "His" not in text_of(client.get(reverse("dates:copied", args=[copy.pk]), {"of": his.pk}))


def test_another_organiser_is_refused(client, page):
    copy = copy_page(page)
    client.force_login(make_staff("ben", make_event("His", parent=make_elsewhere()), *SELLING))
    for response in (client.get(reverse("dates:copied", args=[copy.pk])), send(client, copy, page)):
        assert (response.status_code, response.url) == (302, "/admin/")
    assert copy.performances.count() == 0


def make_elsewhere():
    return make_index().get_parent().specific.add_child(instance=EventIndexPage(title="Elsewhere", slug="elsewhere"))


def test_an_alias_is_left_alone(client, ana, page):
    publish = Permission.objects.get(content_type__app_label="wagtailcore", codename="publish_page")
    GroupPagePermission.objects.create(group=ana.groups.get(), page=make_index(), permission=publish)
    response = copy_in_wagtail(client, page, alias="on")
    alias = EventPage.objects.get(slug="again")
    assert (alias.alias_of_id, alias.performances.count()) == (page.pk, 0)
    assert response.url == reverse("wagtailadmin_explore", args=[page.get_parent().pk])


def test_copies_of_other_pages_go_where_they_went(client, ana, page):
    page.performances.all().delete()
    response = copy_in_wagtail(client, page)
    assert response.url == reverse("wagtailadmin_explore", args=[page.get_parent().pk])


def test_a_whole_list_is_copied_without_dates(client, ana, page):
    index = page.get_parent().specific.copy(recursive=True, update_attrs={"slug": "again"}, user=None)
    copy = EventPage.objects.get(path__startswith=index.path)
    assert (copy.live, copy.performances.count(), page.performances.count()) == (True, 0, 2)
    assert client.get(copy.url).status_code == 200
    assert client.get(index.url).status_code == 200
    GroupPagePermission.objects.create(
        group=ana.groups.get(), page=copy, permission=Permission.objects.get(codename="change_page")
    )
    assert "No date is to come." in text_of(client.get(reverse("dates:list", args=[copy.pk])))


def test_a_preview_costs_the_same_for_two_dates_and_for_ten(client, ana, page, django_assert_max_num_queries):
    copy, counts = copy_page(page), []
    send(client, copy, page)
    for more in (0, 8):
        for _number in range(more):
            make_performance(page)
        with django_assert_max_num_queries(30) as asked:
            send(client, copy, page)
        counts.append(len(asked))
    assert counts[0] == counts[1]
