"""Lists of the admin count their rows up to a bound, and say so."""

import pytest
from django.urls import reverse
from wagtail.contrib.redirects.models import Redirect

from protection.admin import bounded_counts
from protection.admin.bounded_counts import BoundedPaginator

pytestmark = pytest.mark.django_db


@pytest.fixture
def redirects(monkeypatch):
    """Twenty-five, where ten are counted at a time and nobody reaches further than the fortieth."""
    monkeypatch.setattr(bounded_counts, "MOST_COUNTED", 10)
    monkeypatch.setattr(bounded_counts, "FURTHEST_ROW", 40)
    Redirect.objects.bulk_create(Redirect(old_path=f"/old/{number}", redirect_link="/") for number in range(25))
    return Redirect.objects.order_by("pk")


def numbers_of(page):
    return [int(row.old_path.rpartition("/")[2]) for row in page]


def test_it_counts_ten_and_says_that_there_are_more(redirects):
    paginator = BoundedPaginator(redirects, 5)
    page = paginator.get_page(1)
    assert (paginator.count, paginator.has_uncounted) == (10, True)
    assert paginator.items_count_label == "more than 10 redirects"
    assert numbers_of(page) == [0, 1, 2, 3, 4]


def test_the_last_page_that_was_counted_leads_to_the_next_ones(redirects):
    page = BoundedPaginator(redirects, 5).get_page(2)
    assert page.has_next()
    assert numbers_of(BoundedPaginator(redirects, 5).get_page(page.next_page_number())) == [10, 11, 12, 13, 14]


def test_the_end_of_a_list_is_counted_exactly(redirects):
    paginator = BoundedPaginator(redirects, 5)
    page = paginator.get_page(5)
    assert numbers_of(page) == [20, 21, 22, 23, 24]
    assert (page.has_next(), paginator.items_count_label) == (False, "25 redirects")


def test_no_page_is_further_than_the_furthest_row(redirects, monkeypatch):
    monkeypatch.setattr(bounded_counts, "FURTHEST_ROW", 9)
    paginator = BoundedPaginator(redirects, 5)
    assert numbers_of(paginator.get_page(10**12)) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize("number", [None, "", "two", "-1", "0", "²"])
def test_what_is_no_number_of_a_page_is_one_all_the_same(redirects, number):
    assert len(BoundedPaginator(redirects, 5).get_page(number)) == 5


def test_rows_that_were_read_already_are_counted_as_they_are(redirects):
    assert BoundedPaginator(list(redirects), 5).count == 25


def test_the_database_reads_no_more_than_it_is_asked(redirects, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        assert BoundedPaginator(redirects, 5).count == 10
    assert "LIMIT 11" in asked[0]["sql"]


def test_lists_and_searches_say_it(redirects, admin_client):
    Redirect.objects.bulk_create(Redirect(old_path=f"/older/{number}", redirect_link="/") for number in range(45))
    index = reverse("wagtailredirects:index")
    assert "More than 30 redirects" in admin_client.get(index).text
    assert "There are 11 matches" in admin_client.get(index, {"q": "old/1"}).text
    assert "More than 30 redirects" in admin_client.get(index, {"q": "old"}).text
