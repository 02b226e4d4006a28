"""Wagtail's lists of pages, where there are thousands."""

import pytest
from django.urls import reverse

from protection.admin import wagtail_overrides
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    index = factories.make_index()
    for number in range(3):
        factories.make_event(f"Event {number}", parent=index)
    return reverse("wagtailadmin_explore", args=[index.pk])


def test_a_list_of_pages_has_twenty_five_at_once(admin_client, address):
    assert admin_client.get(address).context["paginator"].per_page == 25


def test_a_few_pages_are_sorted_by_hand(admin_client, address):
    page = admin_client.get(address, {"ordering": "ord"})
    assert page.context["ordering"] == "ord"
    assert "not sorted by hand" not in page.text


def test_many_are_not_and_the_page_says_so(admin_client, address, monkeypatch):
    monkeypatch.setattr(wagtail_overrides, "MOST_SORTED", 2)
    page = admin_client.get(address, {"ordering": "ord"})
    assert page.context["ordering"] != "ord"
    assert page.context["paginator"].per_page == 25
    assert "More than 2 pages are not sorted by hand. Sort by a column, or search." in page.text


def test_any_other_order_is_as_ever(admin_client, address, monkeypatch):
    monkeypatch.setattr(wagtail_overrides, "MOST_SORTED", 2)
    titles = [page.title for page in admin_client.get(address, {"ordering": "-title"}).context["object_list"]]
    assert titles == ["Event 2", "Event 1", "Event 0"]
