"""The dates of an event as a choice, each with a link and a buy box of its own; a pass is one of them."""

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events_pages.enums import PerformanceStatus
from tests.factories import make_event, make_index, make_pass, make_performance, make_sale, make_type

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")
FIRST = datetime(2027, 7, 3, 19, 30, tzinfo=JERSEY)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(FIRST - 2 * DAY, tick=False)
    cache.clear()


def make_run(number=3, *, title="Play", **fields):
    """Nights from 3 July on, £10 the first, £11 the second, and so on."""
    page = make_event(title, starts_at=FIRST, **fields)
    for count in range(number):
        date = page.performances.first() if not count else make_performance(page, starts_at=FIRST + count * DAY)
        make_type(make_sale(performance=date), price=f"{10 + count}.00")
    return page


def read(client, address):
    return " ".join(client.get(address).content.decode().split())


def choices(body):
    """[(where it leads, its words, whether it is the one shown)]"""
    links = re.findall(r'<a class="date-link[^"]*" href="([^"]*)"( aria-current="true")?>(.*?)</a>', body)
    return [(url, " ".join(re.sub("<[^>]*>", " ", words).split()), bool(current)) for url, current, words in links]


def date_address(page, number):
    return f"{page.url}dates/{page.performances.all()[number].pk}/"


def test_dates_are_links_to_themselves(client):
    page = make_run()
    assert choices(read(client, page.url)) == [
        (f"{date_address(page, 0)}#tickets", "Sat 3 July 19:30", True),
        (f"{date_address(page, 1)}#tickets", "Sun 4 July 19:30", False),
        (f"{date_address(page, 2)}#tickets", "Mon 5 July 19:30", False),
    ]


def test_a_page_has_the_buy_box_of_the_date_shown_alone(client):
    page = make_run()
    body = read(client, page.url)
    assert (body.count("data-buybox"), "£10" in body, "£11" in body) == (1, True, False)
    body = read(client, date_address(page, 1))
    assert (body.count("data-buybox"), "£10" in body, "£11" in body) == (1, False, True)
    assert [shown for _url, _words, shown in choices(body)] == [False, True, False]
    assert "<title> Play, Sun 4 July 19:30 ·" in body.replace("\u2068", "").replace("\u2069", "")


def test_one_date_and_no_pass_is_no_choice(client):
    page = make_run(1)
    body = read(client, page.url)
    assert choices(body) == []
    assert ">Tickets</h2>" in body.replace("> ", ">").replace(" <", "<")
    assert "event__run" not in body


def test_the_page_says_all_its_dates_in_words_and_the_facts_of_one(client):
    page = make_run(5)
    body = read(client, date_address(page, 2))
    assert "Sat 3 – Wed 7 July, 5 dates" in body
    assert ">Mon 5 July 2027, 19:30</time>" in body
    assert f'rel="canonical" href="http://testserver{page.url}"' in body


def test_a_date_says_what_is_different_about_it(client):
    page = make_run(5)
    first, second, third, fourth, fifth = page.performances.all()
    second.sales.update(allocated=95)
    third.sales.update(allocated=100)
    fourth.status = PerformanceStatus.CANCELLED
    fourth.save()
    fifth.name = "Last night"
    fifth.save()
    body = read(client, page.url)
    words = [words.replace("\u2068", "").replace("\u2069", "") for _url, words, _shown in choices(body)]
    assert words == [
        "Sat 3 July 19:30",
        "Sun 4 July 19:30 Last few",
        "Mon 5 July 19:30 Sold out",
        "Tue 6 July 19:30 Called off",
        "Wed 7 July 19:30 Last night",
    ]
    assert "<s>Tue 6 July 19:30</s>" in body


def test_a_date_called_off_says_so_and_the_others_go_on(client):
    page = make_run()
    page.performances.filter(starts_at=FIRST + DAY).update(status=PerformanceStatus.CANCELLED)
    assert "19:30 is called off" not in read(client, page.url)
    body = read(client, date_address(page, 1))
    assert "Sun 4 July 19:30 is called off" in body
    assert "Hold these tickets" not in body
    page.performances.update(status=PerformanceStatus.CANCELLED)
    cache.clear()
    assert "This event is called off" in read(client, page.url)


def test_eight_dates_are_seen_and_the_rest_by_one_press(client):
    page = make_run(11)
    body = read(client, page.url)
    at_once, later = body.split("<details")[0], body.split("<details")[1].split("</details>")[0]
    assert (len(choices(at_once)), len(choices(later))) == (8, 3)
    assert "3 more dates" in later
    assert not later.startswith(" open")
    assert read(client, date_address(page, 9)).split("<details")[1].startswith(" open")


def test_dates_that_are_over_are_no_choice_but_keep_their_address(client, time_machine):
    page = make_run(4)
    time_machine.move_to(FIRST + DAY * 1.5)
    words = ["Mon 5 July 19:30", "Tue 6 July 19:30"]
    assert [said for _url, said, _shown in choices(read(client, page.url))] == words
    body = read(client, date_address(page, 0))
    assert [said for _url, said, _shown in choices(body)] == ["Sat 3 July 19:30 Past", *words]


def test_a_date_of_another_event_is_not_found(client):
    page, other = make_run(1), make_run(1, title="Other")
    assert client.get(f"{page.url}dates/{other.performances.get().pk}/").status_code == 404
    assert client.get(f"{page.url}dates/{10**30}/").status_code == 404


def test_a_pass_is_a_choice_with_an_address_of_its_own(client):
    page = make_run()
    make_type(make_pass(page), price="45.00")
    make_type(page.sales.get(performance=None), name="Under 16", price="20.00")
    body = read(client, page.url)
    url, words, _shown = choices(body)[0]
    assert url == f"{page.url}pass/#tickets"
    assert words.replace("\u2068", "").replace("\u2069", "") == "All dates Festival pass · From £20"
    assert "£45" not in body
    body = read(client, f"{page.url}pass/")
    assert (body.count("data-buybox"), "£45" in body, "£11" in body) == (1, True, False)
    assert [shown for _url, _words, shown in choices(body)] == [True, False, False, False]
    assert "<strong>Sat 3, Sun 4 and Mon 5 July</strong>" in body
    assert json.loads(body.split('ld+json">')[1].split("</script>")[0])["@type"] == "EventSeries"


def test_where_a_pass_alone_is_sold_every_date_offers_it(client):
    page = make_event(starts_at=FIRST)
    make_performance(page, starts_at=FIRST + DAY)
    make_type(make_pass(page), price="45.00")
    for address in (page.url, date_address(page, 1)):
        assert "£45" in read(client, address)


def test_without_a_pass_there_is_no_such_address(client):
    assert client.get(f"{make_run().url}pass/").status_code == 404


def test_a_date_without_tickets_is_a_choice_too(client):
    page = make_event(starts_at=FIRST)
    second = make_performance(page, starts_at=FIRST + DAY)
    assert [url for url, _words, _shown in choices(read(client, page.url))][1] == f"{page.url}dates/{second.pk}/"


@pytest.mark.parametrize("is_pass", [False, True])
def test_an_event_page_costs_the_same_for_any_number_of_dates(client, is_pass):
    counts = set()
    for number in (1, 6, 60):
        page = make_run(number, title=f"Run of {number}")
        make_type(make_pass(page))
        page.make_renditions()
        address = f"{page.url}pass/" if is_pass else page.url
        client.get(address)
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        counts.add(len(asked))
    assert len(counts) == 1, counts


@pytest.mark.parametrize(("typed", "said"), [("2027-07-03 19:30", "Sat 3 July 2027, 19:30"), ("", "Dates come later")])
def test_a_new_page_is_previewed(client, typed, said):
    client.force_login(User.objects.create_superuser("ana", "ana@example.je", "x"))
    path = reverse("wagtailadmin_pages:preview_on_add", args=["events_pages", "eventpage", make_index().pk])
    form = {"title": "Play", "slug": "play", "summary": "A play.", "refund_rule": "cancelled_only", "body-count": "0"}
    client.post(path, form | {"starts_at": typed})
    assert said in client.get(path).text


def test_pages_of_dates_are_kept(client, settings, django_assert_num_queries):
    page = make_run()
    for address in (page.url, date_address(page, 1), "/events/month/2027-07/", "/events/?day=2027-07-04"):
        first = client.get(address)
        with django_assert_num_queries(0):
            assert client.get(address).content == first.content
