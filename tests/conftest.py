"""What every test may ask for."""

import gc
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.test import TransactionTestCase
from xdist.scheduler import LoadScopeScheduling

from payments.domain.verification import polling_pause
from payments.sumup import bulkhead
from protection.visitors import maintenance, rate_limits
from tests import factories, kept_rows

AS_PROCESSES = ("e2e", "concurrency", "faults", "production")
OF_ONE_FILE = ("look", "demo", "test_make_run.py")
"""Folders and files that make something once for all tests of a file: a browser, the demo's rows, a clone."""
LONGEST = ("architecture", "corpus", "stateful", "demo", "matrix")
"""Folders whose tests take longest. They come first, so that nobody is left alone with one at the end."""

hypothesis.settings.register_profile("quick", max_examples=20, deadline=None)
hypothesis.settings.register_profile("nightly", max_examples=200, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_modifyitems(items):
    """What starts processes is marked by its folder: `-m "not processes"` leaves it out."""
    for item in items:
        if item.path.parent.name in AS_PROCESSES:
            item.add_marker(pytest.mark.processes)
    items.sort(key=lambda item: LONGEST.index(folder) if (folder := item.path.parent.name) in LONGEST else len(LONGEST))


def pytest_collection_finish():
    """The garbage collector need not look again and again at what stays until the end: modules and tests."""
    gc.collect()
    gc.freeze()


class OneAfterTheOther(LoadScopeScheduling):
    """Tests that share something stay together on one worker: a stack of processes, a browser, rows. The largest groups
    come first; everything else goes test by test to whoever is free."""

    def _split_scope(self, nodeid):
        file = Path(nodeid.partition("::")[0])
        folder = file.parent.name
        if {folder, file.name} & {*OF_ONE_FILE}:
            return str(file)
        if folder == "concurrency":  # never beside "production", which measures how long answers take
            folder = "production"
        return folder if folder in AS_PROCESSES else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return OneAfterTheOther(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """The suite's database is a copy of the one that `make test` has migrated: on SQLite of a file, in memory."""
    template, ours = os.environ.get("TEMPLATE_DATABASE"), connections["default"]
    if not template or ours.vendor != "sqlite":
        ours.settings_dict["TEST"]["TEMPLATE"] = template
        yield
        return
    with closing(sqlite3.connect(ours.creation._get_test_db_name(), uri=True)) as copy:
        with closing(sqlite3.connect(template)) as migrated:
            migrated.backup(copy)
        yield


class CommonRows:
    """What nearly every test starts from: made once for each worker, outside every test's transaction, and on SQLite
    again after a test that flushed the database."""

    is_there = False

    def make(self):
        if not self.is_there:
            factories.make_common_rows()
            self.is_there = not connections["default"].in_atomic_block

    def clean(self, test):
        """After a test that committed."""
        if connections["default"].vendor == "postgresql":
            kept_rows.restore_rows()
        else:
            flush(test)
            self.is_there = False


common_rows = CommonRows()
flush = TransactionTestCase._fixture_teardown


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        common_rows.make()
        if connections["default"].vendor == "postgresql":
            kept_rows.keep_rows()
    TransactionTestCase._fixture_teardown = lambda test: common_rows.clean(test)


@pytest.fixture(autouse=True)
def _site(request):
    """A clean cache, no maintenance, and the common rows wherever the database is used."""
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
        request.getfixturevalue("django_db_setup")
        with request.getfixturevalue("django_db_blocker").unblock():
            common_rows.make()
        request.getfixturevalue("transactional_db" if transactional else "db")


@pytest.fixture
def home(db):
    return factories.make_home()


@pytest.fixture
def clock():
    """It stands still on an evening of sales; `clock.shift` moves it."""
    with time_machine.travel("2027-03-13T18:00:00Z", tick=False) as clock:
        yield clock


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
