"""A list that leaves as a file is read in pieces, each of which goes on where the last one ended."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Upper
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect

from payments.models import Movement
from protection.admin import row_chunks
from protection.admin.row_chunks import find_order, iterate_rows
from tests.factories import make_merchant
from ticketing.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_at_once(monkeypatch):
    monkeypatch.setattr(row_chunks, "ROWS_AT_ONCE", 3)


@pytest.fixture
def redirects():
    Redirect.objects.bulk_create(Redirect(old_path=f"/{number}", redirect_link="/") for number in range(8))
    return Redirect.objects.order_by("-pk")


def test_it_reads_all_rows_once_and_in_their_order(redirects, django_assert_num_queries):
    whole = list(redirects)
    with django_assert_num_queries(4):  # the last has less than it might: nobody knows before it was asked
        assert list(iterate_rows(redirects.all())) == whole
    assert list(iterate_rows(redirects.order_by("pk"))) == whole[::-1]


def test_what_is_of_one_moment_is_read_once():
    now, merchant = timezone.now(), make_merchant()
    for number in range(8):
        merchant.movements.create(
            kind="PAYMENT", sumup_id=f"m{number}", amount=1, currency="GBP", at=now + number // 4 * timedelta(days=1)
        )
    rows = list(Movement.objects.all())
    assert list(iterate_rows(Movement.objects.all())) == rows
    assert len(rows) == 8


def test_rows_in_no_certain_order_are_read_as_ever(redirects, django_assert_num_queries):
    for rows in (redirects.order_by(Upper("old_path")), redirects.reverse(), redirects[:5]):
        with django_assert_num_queries(1):
            assert len(list(iterate_rows(rows))) in (5, 8)


def test_rows_that_were_read_already_are_not_read_again(redirects, django_assert_num_queries):
    whole = list(redirects)
    with django_assert_num_queries(0):
        assert list(iterate_rows(redirects)) == whole
        assert list(iterate_rows(whole)) == whole


@pytest.mark.parametrize(
    "order", [["buyer_name"], ["state", "-pk"], ["merchant", "pk"], [F("pk").desc()], ["completed_at"]]
)
def test_an_order_that_an_index_need_not_have_is_none(order):
    assert find_order(Order.objects.order_by(*order)) is None


def test_an_order_is_that_of_the_model_unless_told_otherwise():
    assert find_order(Order.objects.all()) == find_order(Order.objects.order_by("-id"))
    assert find_order(Order.objects.order_by("created_at", "id")).names == ("created_at", "pk")
