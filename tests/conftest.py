"""What every test may ask for."""

import pytest
from django.core.cache import cache

from tests import factories


@pytest.fixture(autouse=True)
def _site(request):
    """A clean cache, and Wagtail's root rows wherever the database is used."""
    if (
        "db" in request.fixturenames
        or "transactional_db" in request.fixturenames
        or "live_server" in request.fixturenames
    ):
        request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")
        cache.clear()
        factories.make_root()


@pytest.fixture
def home(db):
    return factories.make_home()


@pytest.fixture
def simulator(settings):
    """SumUp's stand-in over real HTTP; the product's own client talks to it."""
    from tests.simulator import RunningSimulator

    with RunningSimulator() as running:
        settings.SUMUP_API_URL = running.url
        yield running
