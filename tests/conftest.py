"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from xdist.scheduler import LoadScopeScheduling

from payments.domain.verification import polling_pause
from payments.sumup import bulkhead
from protection.visitors import maintenance, rate_limits
from tests import factories

AS_PROCESSES = ("e2e", "concurrency", "faults", "production")


def pytest_collection_modifyitems(items):
    """What starts processes is marked by its folder: `-m "not processes"` leaves it out."""
    for item in items:
        if item.path.parent.name in AS_PROCESSES:
            item.add_marker(pytest.mark.processes)


class OneAfterTheOther(LoadScopeScheduling):
    """Tests that start processes share a stack, so they stay together: the browser's on one worker of the suite, those
    that break things on another. Everything else goes test by test to whoever is free."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        folder = Path(file).parent.name
        if folder == "e2e":
            return "browser"
        if folder == "look":
            return file
        return "processes" if folder in AS_PROCESSES else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return OneAfterTheOther(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """On PostgreSQL the suite's database is a copy of the one that `make test` has migrated."""
    if template := os.environ.get("TEMPLATE_DATABASE"):
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """What nearly every test starts from, made once for each worker, outside every test's transaction."""
    with django_db_blocker.unblock():
        factories.make_common_rows()


@pytest.fixture(autouse=True)
def _site(request):
    """A clean cache, no maintenance, and Wagtail's root rows wherever the database is used."""
    for name in settings.CACHES:
        caches[name].clear()
    rate_limits._own_counters.forget()
    maintenance.remember_sentence("", seconds=10**9)
    polling_pause.cache_pause_state(False, seconds=10**9)
    bulkhead.reset_bulkheads(settings.RUN_DIR)
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


def pytest_terminal_summary(terminalreporter):
    """What the walk over every address tried, all its parts together, wherever they ran."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    tried = [count for report in reports for name, count in report.user_properties if name == "asked"]
    if tried:
        terminalreporter.write_line(f"The walk asked {sum(tried)} times: (address, verb, role).")
    if typed := [counts for report in reports for name, counts in report.user_properties if name == "typed"]:
        fields, times = map(sum, zip(*typed, strict=True))
        terminalreporter.write_line(f"The corpus was typed into {fields} fields and parameters, {times} times.")
