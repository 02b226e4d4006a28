"""Filters of the admin are set by typing: a number, or words of the event and the day."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from protection.admin.row_filters import MOST_SUGGESTED
from tests import factories, stories
from ticketing.models import Ticket

pytestmark = pytest.mark.django_db

EVENING = datetime(2027, 7, 9, 18, 30, tzinfo=UTC)


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("root", password="root"))
    return client


@pytest.fixture
def shanties():
    """Sold on two evenings."""
    page = factories.make_event("Sea Shanties", starts_at=EVENING)
    other = factories.make_performance(page, starts_at=EVENING + timedelta(days=1))
    for sale in (factories.make_sale(page), factories.make_sale(page, performance=other)):
        factories.make_order(factories.make_type(sale), quantity=1)
    return page


@pytest.fixture
def tales():
    page = factories.make_event("Lighthouse Tales", starts_at=EVENING)
    factories.make_order(factories.make_type(factories.make_sale(page)), quantity=1)
    return page


def listed(client, **query):
    found = client.get(reverse("tickets:index"), query).context["object_list"]
    return sorted(found, key=lambda ticket: ticket.pk)


def tickets_of(page):
    return list(Ticket.objects.filter(sale__page=page).order_by("pk"))


@pytest.mark.parametrize("name", ["performance", "sale"])
def test_words_of_an_event_mean_all_its_rows(desk, shanties, tales, name):
    assert listed(desk, **{name: "shanties"}) == tickets_of(shanties)
    assert listed(desk, **{name: "lighthose"}) == tickets_of(tales)
    assert listed(desk, **{name: "ballet"}) == []


@pytest.mark.parametrize("name", ["performance", "sale"])
@pytest.mark.parametrize("text", ["Sea Shanties, 10 July 2027", "shanties saturday", "10 july 2027"])
def test_a_day_tells_the_dates_apart(desk, shanties, tales, name, text):
    assert listed(desk, **{name: text}) == tickets_of(shanties)[1:]


@pytest.mark.parametrize("spelling", ["{}", "#{}", " {} ", "Sea Shanties, 9 Jul 2027, 19:30 #{}"])
def test_a_number_means_one(desk, shanties, tales, spelling):
    ticket = tickets_of(shanties)[0]
    found = listed(desk, performance=spelling.format(ticket.sale.performance_id))
    assert found == [ticket]


def test_the_field_shows_in_words_what_a_link_says_by_its_number(desk, shanties):
    date = tickets_of(shanties)[0].sale.performance
    page = desk.get(reverse("tickets:index"), {"performance": date.pk}).text
    assert f"Fri 9 July 2027, 19:30 #{date.pk}" in page


@pytest.mark.parametrize("kind", ["dates", "sales", "events"])
def test_suggestions_are_of_ones_own(client, shanties, tales, kind):
    client.force_login(stories.make_staff("bob", tales))
    address = reverse("row_suggestions", args=[kind])
    [found] = client.get(address, {"q": "lighthouse"}).json()["rows"]
    assert "Lighthouse Tales" in found
    assert client.get(address, {"q": "shanties"}).json()["rows"] == []
    assert client.get(address, {"q": "shanties"})["Cache-Control"].count("private") == 1


def test_a_number_of_anothers_row_finds_nothing(client, shanties, tales):
    client.force_login(stories.make_staff("bob", tales, "view_ticket"))
    foreign, own = tickets_of(shanties)[0], tickets_of(tales)[0]
    assert listed(client, sale=foreign.sale_id) == []
    assert listed(client, sale=own.sale_id) == [own]


def test_people_are_suggested_to_administrators_alone(client, desk, tales):
    address = reverse("row_suggestions", args=["people"])
    assert desk.get(address, {"q": "roo"}).json()["rows"] == [f"root #{User.objects.get(username='root').pk}"]
    client.force_login(stories.make_staff("bob", tales))
    assert client.get(address, {"q": "roo"}).json()["rows"] == []


def test_there_are_no_suggestions_of_an_unknown_kind_or_for_strangers(client, desk):
    assert desk.get(reverse("row_suggestions", args=["secrets"])).status_code == 404
    client.logout()
    assert client.get(reverse("row_suggestions", args=["dates"])).status_code == 302


def test_suggestions_are_few(desk):
    for number in range(MOST_SUGGESTED + 2):
        factories.make_event(f"Ballad {number}")
    assert len(desk.get(reverse("row_suggestions", args=["events"]), {"q": "ballad"}).json()["rows"]) == MOST_SUGGESTED


@pytest.mark.parametrize("name", ["orders:index", "tickets:index", "check_ins:index", "payment_records:index"])
def test_a_list_costs_and_weighs_the_same_with_5_and_50_events(desk, django_assert_max_num_queries, name):
    """No filter has a line for each of them."""
    costs = []
    for number in (5, 45):
        for each in range(number):
            factories.make_sale(factories.make_event(f"Event {number} {each}"))
        desk.get(reverse(name))
        with django_assert_max_num_queries(20) as asked:
            weight = len(desk.get(reverse(name)).content)
        costs.append((len(asked), weight))
    assert costs[0] == costs[1]
