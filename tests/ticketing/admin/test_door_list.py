"""The door list of a date: who holds a ticket for it, passes included, and nobody of another organiser's."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests import factories
from tests.stories import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def festival():
    page = factories.make_event("Sea Fete")
    days = [page.performances.get(), factories.make_performance(page)]
    for day, name in zip(days, ("Friday guest", "Saturday guest"), strict=True):
        factories.make_order(factories.make_type(factories.make_sale(performance=day)), buyer_name=name)
    factories.make_order(factories.make_type(factories.make_pass(page)), buyer_name="Pass holder")
    return days


def read_list(client, day, **query):
    return client.get(reverse("tickets:index"), {"performance": day.pk, **query})


def test_a_date_lists_its_tickets_and_passes(client, festival):
    client.force_login(User.objects.create_superuser("admin"))
    text = read_list(client, festival[0]).text
    assert [name in text for name in ("Friday guest", "Saturday guest", "Pass holder")] == [True, False, True]


def test_it_can_be_taken_away(client, festival):
    client.force_login(User.objects.create_superuser("admin"))
    lines = read_list(client, festival[1], export="csv").getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 4
    assert not any("Friday guest" in line for line in lines)


def test_it_is_for_those_who_may_edit_the_page(client, festival):
    client.force_login(make_staff("bob", factories.make_event("Another"), "view_ticket"))
    assert "guest" not in read_list(client, festival[0]).text
