"""The door list of a date: who holds a ticket for it, passes included, and nobody of another organiser's."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from tests import factories
from tests.stories import make_staff
from ticketing.domain.admission import checkin, order_search
from ticketing.models import Ticket

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


def test_a_pass_is_used_at_the_door_where_it_was_and_valid_at_the_others(client, festival):
    """On the screen, in the file, and for who finds its holder by name."""
    client.force_login(User.objects.create_superuser("admin"))
    first, second = festival
    ticket = Ticket.objects.filter(holder_name="Pass holder").first()
    checkin.redeem_ticket(ticket.code, performance=first, by=None)
    used = f"{timezone.localtime():%Y-%m-%d}"
    for day, times in ((first, 1), (second, 0)):
        row = re.search(f"{ticket.code}.*?</tr>", read_list(client, day).text, re.DOTALL)[0]
        assert strip_tags(row).split().count("used") == times
        file = read_list(client, day, export="csv").getvalue().decode("utf-8-sig")
        assert sum(ticket.code in line and used in line.rpartition(",")[2] for line in file.splitlines()) == times
        found = order_search.find_tickets_at_door(day, "pass holder")
        assert [each.code for each in found if each.admitted_at] == [ticket.code] * times


def test_it_is_for_those_who_may_edit_the_page(client, festival):
    client.force_login(make_staff("bob", factories.make_event("Another"), "view_ticket"))
    assert "guest" not in read_list(client, festival[0]).text
