"""What every test may ask for."""

from pathlib import Path

import pytest
from django.core.cache import cache
from xdist.scheduler import LoadScopeScheduling

from tests import factories

AS_PROCESSES = ("e2e", "concurrency", "faults")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name in AS_PROCESSES:
            item.add_marker(pytest.mark.processes)


class OneWorkerPerStack(LoadScopeScheduling):
    """Tests that share running processes stay on one worker of the suite; all others go wherever there is time."""

    def _split_scope(self, nodeid):
        path = Path(nodeid.partition("::")[0])
        if path.parent.name not in AS_PROCESSES:
            return nodeid
        # The browser tests share one site; what is in the other folders starts one for each file.
        shared = path.parent.name == "e2e" and path.name != "test_make_run.py"
        return str(path.parent if shared else path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return OneWorkerPerStack(config, log)


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
