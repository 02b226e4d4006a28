"""A run of two nights with tickets for both, and the means to change them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.factories import make_event, make_order, make_performance, make_sale, make_type, make_venue

JERSEY = ZoneInfo("Europe/Jersey")
FIRST = datetime(2027, 7, 3, 19, 30, tzinfo=JERSEY)


@pytest.fixture
def event(clock):
    return make_event("Sea Shanties", starts_at=FIRST, venue=make_venue("Opera House"))


@pytest.fixture
def first(event):
    return event.performances.get()


@pytest.fixture
def second(event, first):
    return make_performance(event, starts_at=FIRST + timedelta(days=7))


@pytest.fixture
def kind(first):
    """Of the first night, £12."""
    return make_type(make_sale(performance=first), price="12.00")


@pytest.fixture
def order(kind):
    return make_order(kind)
