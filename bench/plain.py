"""A plain response, the unit of the other figures: machines differ, and so does one machine from hour to hour.

The CPU of a Django view that answers two bytes, served by the same gunicorn with the same settings, asked in the same
run. Figures in this unit can be compared with those of another day.
"""

import sys
from contextlib import contextmanager

from bench.browser import Browser
from bench.processes import Meter
from bench.report import Report
from tests import harness
from tests.services import free_port

BATCHES, BATCH = 5, 300  # the least counts: whatever else a machine does only adds
WARM_UP = 200


def main():
    from bench.world import temporary_folder

    report = Report("A plain response")
    with temporary_folder() as folder:
        report.add("CPU of a Django view answering two bytes", measure_plain_response(folder), "ms")
    report.show()


class PlainResponse:
    """The unit of a run: measured when it is made and whenever `measure` is called; the least of all counts, as it
    does of what is told in it."""

    def __init__(self, folder):
        self.folder, self.times = folder, []
        self.measure()

    def measure(self):
        self.times.append(measure_plain_response(self.folder))

    def count(self, milliseconds):
        """How many plain responses cost as much CPU as that."""
        return milliseconds / self.milliseconds

    @property
    def milliseconds(self):
        return min(self.times)

    def tell(self, report):
        report.add("a plain response, the unit of this run", self.milliseconds, "ms")


def measure_plain_response(folder):
    """Milliseconds of CPU."""
    with plain_server(folder) as (port, server), Browser(port) as browser:
        ask_often(browser, WARM_UP)
        return min(measure_batch(browser, server) for _ in range(BATCHES))


def measure_batch(browser, server):
    with Meter(plain=server.program.pid) as meter:
        ask_often(browser, BATCH)
    return meter.spent["plain"] / BATCH * 1000


def ask_often(browser, times):
    for _ in range(times):
        if browser.get("/") != 200:
            raise AssertionError("the plain view was not served")


@contextmanager
def plain_server(folder):
    port = free_port()
    command = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "bench.plain_site:application"]
    environment = harness.environment_for(folder, DJANGO_SETTINGS_MODULE="")
    ready = harness.answers
    server = harness.Member(
        "plain", command, folder=folder, environment=environment, ready=lambda _: ready(f"http://127.0.0.1:{port}/")
    )
    try:
        server.start()
        yield port, server
    finally:
        server.program.kill()


if __name__ == "__main__":
    sys.exit(main())
