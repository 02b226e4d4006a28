"""“Add a series” through the front door: the form, the preview, and what is made of it."""

import re

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry, PageLogEntry, PageViewRestriction, ReferenceIndex

from events_pages.dates.island_clock import to_island_clock
from tests.events_pages.dates.performances import at
from tests.factories import make_event, make_performance, make_sale, make_type
from tests.stories import make_staff
from ticketing.models import EventSale

pytestmark = pytest.mark.django_db
SELLING = ("add_eventsale", "add_tickettype", "change_tickettype")
TICK = re.compile(r'<input type="checkbox" name="date" value="(\w+)"( checked)?( disabled)?>')


@pytest.fixture
def page(clock):
    return make_event("Market", starts_at=at("2027-04-06 19:30"), ends_at=at("2027-04-06 21:00"))


@pytest.fixture
def ana(client, page):
    user = make_staff("ana", page, *SELLING)
    client.force_login(user)
    return user


def form_of(**fields):
    weekly = {"starts_at": "13 April 2027 19:30", "frequency": "weekly", "interval": "1", "times": "3"}
    return weekly | fields


def send(client, page, **fields):
    return client.post(reverse("dates:series", args=[page.pk]), form_of(**fields))


def text_of(response):
    return response.content.decode()


def keys_in(response):
    return [key for key, _checked, _disabled in TICK.findall(text_of(response))]


def make_all(client, page, **fields):
    keys = keys_in(send(client, page, **fields))
    return send(client, page, **fields, confirm="1", date=keys)


def starts_of(page):
    return [f"{to_island_clock(each.starts_at):%a %d %b %Y %H:%M}" for each in page.performances.all()]


def test_a_series_is_seen_first_and_then_made(client, ana, page):
    shown = send(client, page, ends="22:00", doors_before="30", name="Late")
    assert "Every Tuesday from 13 April, 3 times" in text_of(shown)
    assert "Tue 20 April 2027, 19:30" in text_of(shown)
    assert page.performances.count() == 1
    made = make_all(client, page, ends="22:00", doors_before="30", name="Late")
    assert made.status_code == 302
    assert starts_of(page)[1:] == ["Tue 13 Apr 2027 19:30", "Tue 20 Apr 2027 19:30", "Tue 27 Apr 2027 19:30"]
    last = page.performances.last()
    assert (last.name, last.doors_at, last.said_end) == ("Late", at("2027-04-27 19:00"), at("2027-04-27 22:00"))
    assert PageLogEntry.objects.filter(page=page, action="events_pages.date_added", user=ana).count() == 3


def test_the_form_says_where_it_is_reached_from(client, ana, page):
    assert reverse("dates:series", args=[page.pk]) in text_of(client.get(reverse("dates:list", args=[page.pk])))
    form = text_of(client.get(reverse("dates:series", args=[page.pk])))
    assert "Add a series" in form
    assert "data-date-clashes" in form


def test_what_is_unticked_is_not_made(client, ana, page):
    keys = keys_in(send(client, page))
    send(client, page, confirm="1", date=[keys[0], keys[2]])
    assert starts_of(page)[1:] == ["Tue 13 Apr 2027 19:30", "Tue 27 Apr 2027 19:30"]


def test_without_a_tick_it_asks_for_one(client, ana, page):
    response = send(client, page, confirm="1")
    assert (response.status_code, "Tick at least one date." in text_of(response)) == (422, True)
    assert page.performances.count() == 1


def test_write_something_else_keeps_what_was_typed(client, ana, page):
    text = text_of(send(client, page, change="1", left_out="20/4/2027"))
    assert 'value="13 April 2027 19:30"' in text
    assert ">20/4/2027</textarea>" in text.replace("\n", "")


@pytest.mark.parametrize(
    ("fields", "starts"),
    [
        (
            {"weekdays": ["1", "3"], "times": "", "until": "22/4/2027", "left_out": "15/4/2027"},
            ["Tue 13 Apr 2027 19:30", "Tue 20 Apr 2027 19:30", "Thu 22 Apr 2027 19:30"],
        ),
        (
            {"frequency": "monthly", "week_of_month": "2"},
            ["Tue 13 Apr 2027 19:30", "Tue 11 May 2027 19:30", "Tue 08 Jun 2027 19:30"],
        ),
        (
            {"frequency": "monthly", "week_of_month": "-1", "weekdays": ["4"]},
            ["Fri 30 Apr 2027 19:30", "Fri 28 May 2027 19:30", "Fri 25 Jun 2027 19:30"],
        ),
        (
            {"frequency": "daily", "interval": "2"},
            ["Tue 13 Apr 2027 19:30", "Thu 15 Apr 2027 19:30", "Sat 17 Apr 2027 19:30"],
        ),
        (
            {"frequency": "monthly", "starts_at": "31 May 2027 19:30"},
            ["Mon 31 May 2027 19:30", "Sat 31 Jul 2027 19:30", "Tue 31 Aug 2027 19:30"],
        ),
        (
            {"frequency": "monthly", "interval": "12", "starts_at": "29 Feb 2028 19:30", "times": "2"},
            ["Tue 29 Feb 2028 19:30", "Sun 29 Feb 2032 19:30"],
        ),
        (
            {"starts_at": "24 October 2027 19:30", "times": "2"},
            ["Sun 24 Oct 2027 19:30", "Sun 31 Oct 2027 19:30"],
        ),
        (
            {"frequency": "daily", "starts_at": "27 March 2027 01:30", "times": "3"},
            ["Sat 27 Mar 2027 01:30", "Sun 28 Mar 2027 02:30", "Mon 29 Mar 2027 01:30"],
        ),
    ],
)
def test_the_rules_of_the_form(client, ana, page, fields, starts):
    assert make_all(client, page, **fields).status_code == 302
    assert [each for each in starts_of(page) if each != "Tue 06 Apr 2027 19:30"] == starts


def test_doors_and_end_keep_their_distance_when_the_clocks_change(client, ana, page):
    make_all(
        client, page, starts_at="30 October 2027 23:30", frequency="daily", times="2", ends="03:00", doors_before=60
    )
    told = [
        (f"{to_island_clock(each.doors_at):%H:%M}", f"{to_island_clock(each.ends_at):%a %H:%M}")
        for each in page.performances.all()[1:]
    ]
    assert told == [("22:30", "Sun 03:00"), ("22:30", "Mon 03:00")]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"starts_at": "1 March 2027 19:30"}, "This moment is in the past."),
        ({"starts_at": "Tuesday"}, "This cannot be read as a date and a time."),
        ({"starts_at": "28 March 2027 01:30"}, "the clocks go forward"),
        ({"times": ""}, "Say how it ends: the last day, or how many times."),
        ({"until": "1 May 2027"}, "Say how it ends: the last day, or how many times."),
        ({"times": "", "until": "1 April 2027"}, "The last day comes before the first."),
        ({"times": "201"}, "200"),
        ({"frequency": "daily", "times": "", "until": "1 May 2028"}, "That makes more than 200 dates."),
        ({"interval": "0"}, "greater than or equal to 1"),
        ({"frequency": "monthly", "week_of_month": "1", "weekdays": ["1", "2"]}, "Choose a day of the month"),
        ({"frequency": "monthly", "weekdays": ["1"]}, "Say which of the month"),
        ({"frequency": "daily", "weekdays": ["1"]}, "By days there is no choice of weekdays"),
        ({"week_of_month": "2"}, "This is for “by months”."),
        ({"week_of_month": "7"}, "Select a valid choice."),
        ({"frequency": "yearly"}, "Select a valid choice."),
        ({"ends": "22:00", "lasts": "90"}, "Say when it ends or how long it lasts, not both."),
        ({"left_out": "20/4/2027, 32/4/2027"}, "“32/4/2027”: April 2027 has 30 days."),
        ({"left_out": "20 April"}, "“20 April”: This cannot be read as a date."),
        ({"times": "1", "left_out": "13/4/2027", "until": ""}, None),
        ({"times": "", "until": "13/4/2027", "left_out": "13/4/2027"}, "No date is left"),
        ({"venue": "999999"}, "Select a valid choice."),
    ],
)
def test_what_makes_no_series_is_said_in_words(client, ana, page, fields, words):
    response = send(client, page, **fields)
    if words is None:
        assert response.status_code == 200
        return
    assert (response.status_code, words in text_of(response)) == (422, True), text_of(response)
    assert page.performances.count() == 1


def test_holidays_are_named_and_needless_days_too(client, ana, page):
    text = text_of(send(client, page, starts_at="9 May 2027 11:00", left_out="17/5/2027"))
    assert "Liberation Day" in text
    assert "Left out, though the rule has no date on these days" in text
    assert "Mon 17 May 2027" in text


def test_ones_own_dates_are_never_made_twice(client, ana, page):
    shown = send(client, page, starts_at="6 April 2027 19:30")
    assert TICK.findall(text_of(shown))[0][1:] == ("", " disabled")
    assert "This page has Tue 6 April 2027, 19:30 already." in text_of(shown)
    keys = keys_in(shown)
    refused = send(client, page, starts_at="6 April 2027 19:30", confirm="1", date=keys)
    assert (refused.status_code, page.performances.count()) == (409, 1)
    assert "none was made" in text_of(refused)
    assert send(client, page, starts_at="6 April 2027 19:30", confirm="1", date=keys[1:]).status_code == 302
    assert page.performances.count() == 3


def test_sent_twice_it_is_made_once(client, ana, page):
    make_all(client, page)
    keys = ["20270413T1830Z", "20270420T1830Z"]
    assert send(client, page, confirm="1", date=keys).status_code == 409
    assert page.performances.count() == 4


def test_what_the_rule_does_not_say_is_not_made(client, ana, page):
    for forged in ("20270414T1830Z", "x", ""):
        assert send(client, page, confirm="1", date=[forged]).status_code == 409
    assert page.performances.count() == 1


def test_other_events_at_the_venue_are_named_and_private_ones_are_not(client, ana, page):
    make_event("Ballet", starts_at=at("2027-04-13 20:00"))
    make_event("Draft", starts_at=at("2027-04-13 20:00"), live=False)
    members = make_event("Members only", starts_at=at("2027-04-13 20:00"))
    PageViewRestriction.objects.create(page=members, restriction_type=PageViewRestriction.LOGIN)
    text = text_of(send(client, page))
    assert "Ballet" in text
    assert "Draft" not in text
    assert "Members only" not in text


def test_with_the_same_tickets_as_another_date(client, ana, page):
    sale = make_sale(page, capacity=80, closes_at=at("2027-04-06 12:00"))
    make_type(sale, price="12.00")
    first = page.performances.first()
    make_all(client, page, tickets_of=first.pk, sells="on")
    copies = EventSale.objects.exclude(pk=sale.pk).order_by("performance__starts_at")
    assert [(each.capacity, each.is_active, each.allocated) for each in copies] == [(80, True, 0)] * 3
    assert copies[0].closes_at == at("2027-04-13 12:00")
    assert [str(each.ticket_types.get().price) for each in copies] == ["12.00"] * 3


def test_unticked_they_are_drafts(client, ana, page):
    make_type(make_sale(page))
    make_all(client, page, tickets_of=page.performances.first().pk)
    copies = EventSale.objects.exclude(performance=page.performances.first())
    assert [sale.is_active for sale in copies] == [False] * 3


def test_tickets_of_another_page_are_no_choice(client, ana, page):
    other = make_sale(make_event("Other"))
    make_type(make_sale(page))
    assert send(client, page, tickets_of=other.performance_id).status_code == 422


def test_who_may_not_sell_makes_dates_without_tickets(client, page):
    make_type(make_sale(page))
    client.force_login(make_staff("clerk", page))
    assert 'name="tickets_of"' not in text_of(client.get(reverse("dates:series", args=[page.pk])))
    make_all(client, page, tickets_of=page.performances.first().pk, sells="on")
    assert (page.performances.count(), EventSale.objects.count()) == (4, 1)


def test_another_organiser_is_refused(client, page):
    client.force_login(make_staff("ben", make_event("His"), *SELLING))
    address = reverse("dates:series", args=[page.pk])
    for response in (client.get(address), send(client, page), send(client, page, confirm="1", date=["20270413T1830Z"])):
        assert (response.status_code, response.url) == (302, "/admin/")
    assert page.performances.count() == 1


def test_a_preview_costs_the_same_for_three_dates_and_for_fifty(client, ana, page, django_assert_max_num_queries):
    make_performance(make_event("Ballet"), starts_at=at("2027-04-13 20:00"))
    send(client, page)
    counts = []
    for times in ("3", "50"):
        with django_assert_max_num_queries(30) as asked:
            send(client, page, times=times)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_date_costs_little_more(client, ana, page, django_assert_max_num_queries):
    """What Wagtail's reference index asks for each sale."""
    make_type(make_sale(page))
    source = page.performances.first().pk
    counts = []
    for month, times in (("May", "2"), ("June", "4"), ("July", "6")):
        fields = {"starts_at": f"20 {month} 2027 19:30", "frequency": "daily", "times": times, "tickets_of": source}
        keys = keys_in(send(client, page, **fields))
        with django_assert_max_num_queries(60) as asked:
            send(client, page, **fields, confirm="1", date=keys)
        counts.append(len(asked))
    assert counts[2] - counts[1] == counts[1] - counts[0] == 2 * 2


def test_each_copy_is_in_the_history_of_its_sale(client, ana, page):
    sale = make_sale(page)
    make_all(client, page, tickets_of=sale.performance_id, sells="on")
    made = EventSale.objects.exclude(pk=sale.pk)
    entries = ModelLogEntry.objects.filter(action="ticketing.sale.copied", user=ana)
    assert {entry.object_id for entry in entries} == {str(each.pk) for each in made}
    assert {entry.formatter.format_message(entry) for entry in entries} == {
        "Put on sale with the tickets of Tue 6 April 2027, 19:30"
    }
    assert ReferenceIndex.get_references_to(page).filter(object_id=str(made[0].pk)).exists()
