"""Rows that point to one of many."""

import pytest

from events_pages.models import Performance
from tests import factories

pytestmark = pytest.mark.django_db


def test_rows_among_many_are_those_that_in_finds():
    pages = [factories.make_event(f"Event {number}") for number in range(3)]
    wanted = [pages[0].pk, pages[2].pk]
    found = Performance.objects.filter(page__among=wanted)
    assert list(found) == list(Performance.objects.filter(page__in=wanted))
    assert len(found) == 2


def test_nothing_is_among_none():
    factories.make_event()
    assert not Performance.objects.filter(page__among=[]).exists()
    assert not Performance.objects.filter(page__among={0, 10**12}).exists()
