"""What every test may ask for."""

import pytest
from django.core.cache import cache

from tests import factories

AS_PROCESSES = ("e2e", "concurrency", "faults")


def pytest_collection_modifyitems(items):
    """What starts processes is marked by its folder: `-m "not processes"` leaves it out."""
    for item in items:
        if item.path.parent.name in AS_PROCESSES:
            item.add_marker(pytest.mark.processes)


@pytest.fixture(autouse=True)
def _site(request):
    """A clean cache, and Wagtail's root rows wherever the database is used."""
    cache.clear()
    marker = request.node.get_closest_marker("django_db")
    wanted = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if wanted or marker:
        transactional = wanted - {"db"} or (marker and marker.kwargs.get("transaction"))
        request.getfixturevalue("transactional_db" if transactional else "db")
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
