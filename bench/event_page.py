"""The event page for anonymous visitors at 1, 8 and 32 connections, and what a warm one asks the database."""

import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from bench.browser import Browser
from bench.plain import PlainResponse
from bench.processes import Meter, database_pid, statements
from bench.report import PLAIN, Report, percentile
from bench.world import world
from demo.prepare import install_debian_package

CONNECTIONS = (1, 8, 32)
SECONDS = 8
MOST = 32  # the aims are for this many connections
SLOWEST, AIM = 3, 2.5  # p99 in p50s; plain responses of a page
AS_BROWSERS = ("-H", "Accept-Encoding: gzip")
UNITS = {"us": 0.001, "ms": 1, "s": 1000}


def main():
    report = Report("The event page, anonymous")
    with world() as here:
        from bench import rows

        page = rows.make_free_event(capacity=1000)
        with here.running("web") as stack:
            unit = PlainResponse(here.folder)
            costs = {connections: measure(report, stack, page, connections) for connections in CONNECTIONS}
            unit.measure()
            for connections, cost in costs.items():
                most = AIM if connections == MOST else None
                report.add(f"CPU of a page at {connections} connections", unit.count(cost), PLAIN, most=most)
            add_queries(report, stack, page)
        unit.tell(report)
    report.show()


def measure(report, stack, page, connections):
    """Milliseconds of CPU of a page, web and database."""
    load(stack.port, page, connections, 1)
    with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
        rate, p50, p99 = load(stack.port, page, connections, SECONDS)
    report.add(f"pages at {connections} connections", rate, "/s")
    report.add(f"p50 at {connections} connections", p50, "ms")
    report.add(f"p99 at {connections} connections", p99, "ms")
    if connections == MOST:
        noisy = "waits for a processor are in it, which others use too"
        report.add(f"p99 at {connections} connections, times p50", p99 / p50, "x", most=SLOWEST, noisy=noisy)
    return (meter.spent["web"] + meter.spent["database"]) / rate / SECONDS * 1000


def add_queries(report, stack, page):
    """Counted by PostgreSQL: the page as kept, and as drawn afresh (an unknown key in the address is never kept)."""
    with Browser(stack.port) as browser:
        for name, path, aim in (("warm", page, 2), ("drawn afresh", f"{page}?unknown=1", None)):
            browser.get(path)
            with statements() as sent:
                status = browser.get(path)
            if status != 200:
                raise AssertionError(f"{path} answered {status}")
            report.add(f"statements of a page {name}", len(sent), "statements", most=aim)


def load(port, page, connections, seconds):
    """(pages a second, p50 and p99 in milliseconds)"""
    if shutil.which("wrk") or install_debian_package("wrk"):
        return wrk(f"http://127.0.0.1:{port}{page}", connections, seconds)
    print("wrk is not installed (sudo apt-get install wrk): a slower client of our own takes its place.")
    return own_load(port, page, connections, seconds)


def wrk(url, connections, seconds):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", *AS_BROWSERS, url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if trouble := re.search(r"Socket errors.*|Non-2xx.*", told):
        raise AssertionError(trouble[0])
    found = [re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", told).groups() for percent in (50, 99)]
    p50, p99 = (float(number) * UNITS[unit] for number, unit in found)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]), p50, p99


def own_load(port, page, connections, seconds):
    with ThreadPoolExecutor(connections) as crowd:
        end = time.monotonic() + seconds
        took = [each for found in crowd.map(lambda _: visits(port, page, end), range(connections)) for each in found]
    return len(took) / seconds, percentile(took, 50) * 1000, percentile(took, 99) * 1000


def visits(port, page, end):
    took = []
    with Browser(port) as browser:
        while (began := time.monotonic()) < end:
            if browser.get(page) != 200:
                raise AssertionError(f"{page} was not served")
            took.append(time.monotonic() - began)
    return took


if __name__ == "__main__":
    main()
