"""What else is on when somebody chooses a date: which events, why, and whose are never named."""

from datetime import timedelta

import pytest
from wagtail.models import PageViewRestriction

from events_pages.dates.clashes import MOST_CLASHES, find_clashes, find_venue_clashes
from events_pages.enums import ClashReason, Parish, PerformanceStatus
from events_pages.models import EventCategory
from tests.events_pages.dates.performances import at
from tests.factories import make_event, make_performance, make_venue

pytestmark = pytest.mark.django_db
START, END = at("2027-07-03 19:30"), at("2027-07-03 22:00")


def make_ballet(**fields):
    return make_event("Ballet", **{"starts_at": at("2027-07-03 20:00"), "ends_at": at("2027-07-03 21:30")} | fields)


def make_town_hall():
    return make_venue("Town Hall")


def make_barn():
    return make_venue("Barn", parish=Parish.TRINITY)


def found(**asked):
    clashes = find_clashes(START, END, **{"venue": make_venue()} | asked)
    return [(clash.performance.page.title, clash.reason) for clash in clashes]


def test_it_names_what_is_at_the_same_venue():
    make_ballet()
    assert found() == [("Ballet", ClashReason.SAME_VENUE)]


def test_another_venue_of_the_parish_is_named_after_it():
    make_event("Choir", venue=make_town_hall(), starts_at=at("2027-07-03 18:00"))
    make_ballet()
    assert found() == [("Ballet", ClashReason.SAME_VENUE), ("Choir", ClashReason.SAME_PARISH)]


def test_the_same_kind_is_named_wherever_it_is():
    music = EventCategory.objects.create(name="Music", slug="music")
    gig = make_ballet(venue=make_barn())
    gig.categories.set([music])
    gig.save()
    assert found() == []
    assert found(categories=[music]) == [("Ballet", ClashReason.SAME_CATEGORY)]


def test_a_date_has_its_own_venue_before_that_of_its_page():
    page = make_event("Ballet", venue=make_barn(), starts_at=at("2027-06-03 20:00"))
    make_performance(page, starts_at=START, venue=make_venue())
    other = make_event("Choir", starts_at=at("2027-06-03 20:00"))
    make_performance(other, starts_at=START, venue=make_barn())
    assert found() == [("Ballet", ClashReason.SAME_VENUE)]


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("2027-07-03 14:00", "2027-07-03 16:30", None),
        ("2027-07-03 14:00", "2027-07-03 16:31", ClashReason.SAME_PARISH),
        ("2027-07-03 14:00", "2027-07-03 19:30", ClashReason.SAME_PARISH),
        ("2027-07-03 14:00", "2027-07-03 19:31", ClashReason.SAME_VENUE),
        ("2027-07-03 22:00", "2027-07-03 23:00", ClashReason.SAME_PARISH),
        ("2027-07-04 00:59", "2027-07-04 02:00", ClashReason.SAME_PARISH),
        ("2027-07-04 01:00", "2027-07-04 02:00", None),
        ("2027-06-01 10:00", "2027-09-01 18:00", ClashReason.SAME_VENUE),
    ],
)
def test_who_meets_it_and_who_only_comes_near(start, end, reason):
    make_ballet(starts_at=at(start), ends_at=at(end))
    assert [each for _title, each in found()] == ([reason] if reason else [])


def test_what_does_not_take_place_there_is_no_clash():
    for status in (PerformanceStatus.CANCELLED, PerformanceStatus.POSTPONED, PerformanceStatus.MOVED_ONLINE):
        make_ballet(status=status)
    assert found() == []


def test_drafts_and_restricted_pages_are_never_named():
    draft = make_ballet()
    draft.live = False
    draft.save()
    members = make_ballet()
    PageViewRestriction.objects.create(page=members, restriction_type=PageViewRestriction.LOGIN)
    assert found() == []
    assert find_venue_clashes([(START, END)], make_venue()) == {}


def test_ones_own_page_is_none():
    page = make_ballet()
    assert found(except_page=page.pk) == []
    assert find_venue_clashes([(START, END)], make_venue(), except_page=page.pk) == {}


def test_without_a_venue_and_a_category_nothing_is_told():
    make_ballet()
    assert found(venue=None) == []


def test_a_handful_is_enough_and_costs_the_same(django_assert_num_queries):
    page, venue = make_ballet(), make_venue()
    with django_assert_num_queries(3):
        assert found_at(venue) == ["Opera House, St Helier"]
    for minute in range(MOST_CLASHES):
        make_performance(page, starts_at=START + timedelta(minutes=minute))
    with django_assert_num_queries(3):
        assert len(found_at(venue)) == MOST_CLASHES


def found_at(venue):
    return [each.performance.place for each in find_clashes(START, END, venue=venue)]


def test_a_whole_series_is_compared_at_once(django_assert_num_queries):
    page = make_ballet()
    make_performance(page, starts_at=at("2027-07-10 22:00"))
    venue = make_venue()
    weeks = [(START + timedelta(weeks=week), END + timedelta(weeks=week)) for week in range(3)]
    with django_assert_num_queries(4):
        clashes = find_venue_clashes(weeks, venue)
    assert {start: [each.page.title for each in met] for start, met in clashes.items()} == {START: ["Ballet"]}
