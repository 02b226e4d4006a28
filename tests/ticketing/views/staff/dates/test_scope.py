"""An edit of one date that is meant for the later ones too, or for all: each is seen first, none with tickets moves."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from events_pages.dates.island_clock import to_island_clock
from tests.events_pages.dates.performances import at
from tests.factories import make_event, make_order, make_performance, make_sale, make_type, make_venue
from tests.stories import make_staff

pytestmark = pytest.mark.django_db
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def page(clock):
    """Four Tuesdays at half past seven, and a matinee."""
    page = make_event("Market", starts_at=at("2027-04-06 19:30"), doors_at=at("2027-04-06 19:00"))
    for day in ("13", "20", "27"):
        make_performance(page, starts_at=at(f"2027-04-{day} 19:30"), doors_at=at(f"2027-04-{day} 19:00"))
    make_performance(page, starts_at=at("2027-04-20 14:00"), name="Matinee")
    return page


@pytest.fixture
def ana(client, page):
    user = make_staff("ana", page)
    client.force_login(user)
    return user


def find_date(page, day):
    return page.performances.get(starts_at=at(f"2027-04-{day} 19:30"))


def edit(client, date, **fields):
    was = {
        "starts_at": "13 April 2027 19:30",
        "ends_at": "",
        "doors_at": "13 April 2027 19:00",
        "name": "",
        "venue": "",
    }
    return client.post(reverse("dates:edit", args=[date.pk]), was | fields)


def asked_of(response):
    assert response.status_code == 302
    return parse_qs(urlsplit(response.url).query)


def text_of(response):
    return response.content.decode()


def clocks_of(page):
    return [f"{to_island_clock(each.starts_at):%d %H:%M}" for each in page.performances.all()]


def test_the_form_asks_for_which_dates(client, ana, page):
    text = text_of(client.get(reverse("dates:edit", args=[find_date(page, "13").pk])))
    assert "This one and the later ones like it" in text
    alone = page.performances.get(name="Matinee")
    assert "This one and the later" not in text_of(client.get(reverse("dates:edit", args=[alone.pk])))
    assert "This one and the later" not in text_of(client.get(reverse("dates:add", args=[page.pk])))


@pytest.mark.parametrize(
    ("scope", "days"), [("later", ["20", "27"]), ("all", ["06", "20", "27"]), ("one", []), ("", [])]
)
def test_the_scope_ticks_the_others(client, ana, page, scope, days):
    response = edit(client, find_date(page, "13"), starts_at="13 April 2027 19:00", doors_at="", scope=scope)
    asked = asked_of(response)
    assert asked.get("date", []) == [str(find_date(page, day).pk) for day in days]
    assert clocks_of(page) == ["06 19:30", "13 19:00", "20 14:00", "20 19:30", "27 19:30"]
    if days:
        assert asked["starts"] == ["19:00"]
        assert urlsplit(response.url).path == reverse("dates:several", args=[page.pk])
    else:
        assert urlsplit(response.url).path == reverse("dates:list", args=[page.pk])


def test_what_changed_goes_along_and_nothing_else(client, ana, page):
    barn = make_venue("Barn")
    fields = {"doors_at": "13 April 2027 18:30", "ends_at": "13 April 2027 22:00", "name": "Late", "venue": barn.pk}
    asked = asked_of(edit(client, find_date(page, "13"), **fields, scope="later"))
    del asked["date"]
    assert asked == {"doors": ["18:30"], "ends": ["22:00"], "name": ["Late"], "venue": [str(barn.pk)]}


def test_a_new_day_is_nobody_elses(client, ana, page):
    response = edit(
        client,
        find_date(page, "13"),
        starts_at="14 April 2027 19:30",
        doors_at="14 April 2027 19:00",
        scope="all",
    )
    assert urlsplit(response.url).path == reverse("dates:list", args=[page.pk])
    assert "Nothing of this is for the other dates" in text_of(client.get(response.url))
    assert clocks_of(page) == ["06 19:30", "14 19:30", "20 14:00", "20 19:30", "27 19:30"]


def follow(client, response, **more):
    """The form that is led to, with the button pressed that it offers."""
    asked = asked_of(response)
    form = text_of(client.get(response.url))
    for name in set(asked) - {"date", "venue"}:
        assert f'value="{asked[name][0]}"' in form
    return client.post(urlsplit(response.url).path, asked | more)


def confirm(client, page, shown):
    sent = {}
    for name, value in HIDDEN.findall(text_of(shown)):
        sent.setdefault(name, []).append(value)
    return client.post(reverse("dates:several", args=[page.pk]), sent | {"confirm": "1"})


def test_all_of_it_is_seen_and_then_done(client, ana, page):
    barn = make_venue("Barn")
    shown = follow(client, edit(client, find_date(page, "13"), name="Late", venue=barn.pk, scope="all"))
    assert text_of(shown).count("Barn, St Helier") == 3
    assert text_of(shown).count("Opera House, St Helier") == 3
    assert confirm(client, page, shown).status_code == 302
    evenings = page.performances.exclude(name="Matinee")
    assert [(each.name, each.venue) for each in evenings] == [("Late", barn)] * 4
    assert page.performances.get(name="Matinee").venue is None


def test_the_venue_of_the_page_goes_along_too(client, ana, page):
    barn = make_venue("Barn")
    page.performances.update(venue=barn)
    shown = follow(client, edit(client, find_date(page, "13"), scope="later"))
    assert text_of(shown).count("Opera House, St Helier") == 2
    confirm(client, page, shown)
    assert [find_date(page, day).venue for day in ("06", "13", "20", "27")] == [barn, None, None, None]


def test_a_date_with_tickets_is_listed_and_left_alone(client, ana, page):
    make_order(make_type(make_sale(performance=find_date(page, "20"))), quantity=3)
    barn = make_venue("Barn")
    shown = follow(client, edit(client, find_date(page, "13"), venue=barn.pk, scope="later"))
    assert "3 tickets sold: change it one by one" in text_of(shown)
    assert confirm(client, page, shown).status_code == 409
    assert find_date(page, "20").venue is None
    left = follow(client, edit(client, find_date(page, "13"), venue="", scope="later"), venue=barn.pk, leave="1")
    confirm(client, page, left)
    assert (find_date(page, "20").venue, find_date(page, "27").venue) == (None, barn)


def test_dates_that_are_over_are_not_like_it(client, ana, page, clock):
    clock.move_to(at("2027-04-10 12:00"))
    client.force_login(ana)
    asked = asked_of(edit(client, find_date(page, "13"), starts_at="13 April 2027 19:45", scope="all"))
    assert asked["date"] == [str(find_date(page, day).pk) for day in ("20", "27")]


def test_a_forged_scope_is_refused(client, ana, page):
    assert edit(client, find_date(page, "13"), scope="everything").status_code == 422


def test_a_forged_venue_is_refused(client, ana, page):
    response = client.post(
        reverse("dates:several", args=[page.pk]), {"date": [find_date(page, "13").pk], "venue": "999999"}
    )
    assert response.status_code == 422
