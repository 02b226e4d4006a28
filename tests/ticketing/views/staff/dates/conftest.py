"""Ana's page, with one evening in July."""

from datetime import timedelta

import pytest

from tests import factories
from tests.stories import make_staff
from tests.ticketing.views.staff.dates.screen import JULY, SELLING


@pytest.fixture
def page(home):
    return factories.make_event("Sea Shanties", starts_at=JULY, doors_at=JULY - timedelta(minutes=30))


@pytest.fixture
def ana(client, page):
    user = make_staff("ana", page, *SELLING)
    client.force_login(user)
    return user
