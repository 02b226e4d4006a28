"""What a sale admits to today, in words, against what somebody was told before."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from events_pages.enums import PerformanceStatus
from tests import factories
from ticketing.domain.catalogue import sale_dates
from ticketing.domain.catalogue.sale_dates import SaleDate
from ticketing.models import EventSale

pytestmark = pytest.mark.django_db

EVENING = datetime(2027, 7, 9, 18, 30, tzinfo=UTC)
NOW = datetime(2027, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def sale_of(**fields):
    """Of one date; read afresh, as every page does."""
    page = factories.make_event(starts_at=fields.pop("starts_at", EVENING))
    type(page.performances.get()).objects.update(**fields)
    return EventSale.objects.get(pk=factories.make_sale(page).pk)


def date_of(told_start=None, told_place="", **fields):
    return SaleDate(sale_of(**fields), NOW, told_start, told_place)


def pass_of(*starts, **fields):
    page = factories.make_event(starts_at=starts[0])
    for at in starts[1:]:
        factories.make_performance(page, starts_at=at)
    return SaleDate(EventSale.objects.get(pk=factories.make_pass(page, **fields).pk), NOW)


def test_it_works():
    date = date_of(EVENING, "Opera House, St Helier")
    assert (date.when, date.place, date.day) == ("Fri 9 July 2027, 19:30", "Opera House, St Helier", "Fri 9 July")
    assert date.when_words == date.when
    assert date.takes_place
    assert not date.has_news


def test_the_clock_is_the_islands_whoever_looks():
    with timezone.override("America/New_York"):
        assert date_of().when == "Fri 9 July 2027, 19:30"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (EVENING - DAY, "Now Fri 9 July 2027, 19:30 (it was Thu 8 July, 19:30)"),
        (EVENING - timedelta(minutes=30), "Now Fri 9 July 2027, 19:30 (it was Fri 9 July, 19:00)"),
        (EVENING - 300 * DAY, "Now Fri 9 July 2027, 19:30 (it was Sat 12 September 2026, 19:30)"),
    ],
)
def test_a_moved_date_says_what_it_was(told, words):
    date = date_of(told)
    assert date.when_words == words
    assert date.is_moved


def test_another_venue_says_what_it_was():
    date = date_of(EVENING, "Town Hall, St Helier")
    assert date.place_words == "Opera House, St Helier (it was Town Hall, St Helier)"
    assert date.tell_news("Tales") == ["Tales has changed", date.place_words]


def test_what_is_called_off_says_so_and_why_and_has_no_doors():
    date = date_of(status=PerformanceStatus.CANCELLED, status_note="A gale.", doors_at=EVENING - timedelta(minutes=30))
    assert date.when_words == "Called off: Fri 9 July 2027, 19:30"
    assert date.tell_news("Tales") == ["Tales is called off: Fri 9 July 2027, 19:30", "A gale."]
    assert (date.takes_place, date.doors, date.is_moved) == (False, "", False)


def test_what_is_postponed_has_no_date():
    date = date_of(EVENING, status=PerformanceStatus.POSTPONED)
    assert date.when == "New date not known yet"
    assert date.tell_news("Tales") == [
        "Tales is postponed",
        "It was to be Fri 9 July, 19:30.",
        "The new date is not known yet.",
    ]


def test_what_went_online_has_a_link():
    link = "https://watch.example.je/tales"
    date = date_of(EVENING, "Opera House, St Helier", status=PerformanceStatus.MOVED_ONLINE, link=link)
    assert (date.place_words, date.link) == ("Online (it was Opera House, St Helier)", link)
    assert date.tell_news("Tales")[0] == "Tales takes place online"


def test_a_link_of_what_is_not_online_is_not_shown():
    assert date_of(link="https://watch.example.je/tales").link == ""


@pytest.mark.parametrize(
    ("before", "said"),
    [(timedelta(minutes=30), "19:00"), (timedelta(hours=25), ""), (None, "")],
)
def test_doors_are_said_where_they_are_of_this_date(before, said):
    assert date_of(doors_at=before and EVENING - before).doors == said


def test_what_lasts_over_a_day_says_its_end():
    assert (
        date_of(ends_at=EVENING + 2 * DAY, is_long=True, is_end_estimated=False).when
        == "Fri 9 July 2027, 19:30 – Sun 11 July 2027, 19:30"
    )


def test_a_pass_names_its_dates():
    date = pass_of(EVENING, EVENING + DAY, EVENING + 2 * DAY)
    assert date.when == "Fri 9, Sat 10 and Sun 11 July 2027"
    assert not date.has_news
    assert [words for _date, words in date.dates] == [
        "Fri 9 July 2027, 19:30",
        "Sat 10 July 2027, 19:30",
        "Sun 11 July 2027, 19:30",
    ]


def test_a_pass_goes_on_without_the_date_that_is_called_off():
    date = pass_of(EVENING, EVENING + DAY)
    first, second = date.sale.schedule
    second.status = PerformanceStatus.CANCELLED
    assert date.when == "Fri 9 July 2027, 19:30"
    assert date.takes_place
    assert date.tell_news("Folk") == [
        "Some dates of Folk are called off",
        "Sat 10 July 2027, 19:30",
        "Your pass is valid at the others.",
    ]
    assert [words for _date, words in date.dates] == [
        "Fri 9 July 2027, 19:30",
        "Sat 10 July 2027, 19:30: called off",
    ]


def test_a_pass_whose_dates_are_all_off_is_called_off():
    date = pass_of(EVENING, EVENING + DAY)
    for each in date.sale.schedule:
        each.status = PerformanceStatus.CANCELLED
    assert date.is_called_off
    assert date.tell_news("Folk") == ["Folk is called off: Fri 9 and Sat 10 July 2027"]


def test_a_pass_says_which_of_its_dates_moved():
    date = pass_of(EVENING, EVENING + DAY)
    _first, second = date.sale.schedule
    second.former_starts_at, second.name = EVENING - DAY, "Finale"
    assert date.dates[1][1] == "Sat 10 July 2027, 19:30, Finale (it was Thu 8 July, 19:30)"


def test_a_pass_of_a_page_without_dates_breaks_nothing():
    page = factories.make_event(starts_at=False)
    date = SaleDate(factories.make_pass(page), NOW)
    assert (date.when, date.doors, date.when_words) == ("All dates", "", "All dates")


@pytest.mark.parametrize("number", [1, 3])
def test_the_dates_of_all_passes_come_in_one_statement(number, django_assert_num_queries):
    pages = [factories.make_event(starts_at=EVENING) for _ in range(number)]
    passes = [factories.make_pass(page) for page in pages]
    sales = list(EventSale.objects.select_related("page__venue").filter(pk__in=[each.pk for each in passes]))
    with django_assert_num_queries(1):
        sale_dates.attach_date_words(sales, NOW)
    assert {sale.date_words for sale in sales} == {"Fri 9 July 2027, 19:30 (Festival pass)"}


def test_a_pass_tells_of_each_date_that_is_not_as_it_was_planned():
    date = pass_of(EVENING, EVENING + DAY, EVENING + 2 * DAY)
    first, second, _third = date.sale.page.performances.all()
    rows = type(first).objects
    rows.filter(pk=first.pk).update(starts_at=EVENING + timedelta(minutes=30), former_starts_at=EVENING)
    online = {"status": PerformanceStatus.MOVED_ONLINE, "link": "https://watch.example.je/"}
    rows.filter(pk=second.pk).update(**online)
    date = SaleDate(EventSale.objects.get(pk=date.sale.pk), NOW)
    assert date.has_news
    assert date.tell_news("Tales") == [
        "Some dates of Tales have changed",
        "Fri 9 July 2027, 20:00 (it was Fri 9 July, 19:30); Sat 10 July 2027, 19:30, Online, https://watch.example.je/",
    ]
