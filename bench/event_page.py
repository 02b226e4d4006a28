"""The event page for anonymous visitors at 1, 8 and 32 connections, and what a warm one asks the database."""

import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from bench.browser import Browser
from bench.processes import Meter, database_pid, statements
from bench.report import Report, percentile
from bench.world import world
from demo.prepare import install_debian_package

CONNECTIONS = (1, 8, 32)
SECONDS = 8
FASTEST = 32  # the aims are for this many connections
AS_BROWSERS = ("-H", "Accept-Encoding: gzip")
UNITS = {"us": 0.001, "ms": 1, "s": 1000}


def main():
    report = Report("The event page, anonymous")
    with world() as here:
        from bench import rows

        page = rows.make_free_event(capacity=1000)
        with here.running("web") as stack:
            for connections in CONNECTIONS:
                measure(report, stack, page, connections)
            add_queries(report, stack, page)
    report.show()


def measure(report, stack, page, connections):
    load(stack.port, page, connections, 1)
    with Meter(web=stack.web.program.pid, database=database_pid()) as meter:
        rate, p99 = load(stack.port, page, connections, SECONDS)
    top = connections == FASTEST
    report.add(f"pages at {connections} connections", rate, "/s", least=1500 if top else None)
    report.add(f"p99 at {connections} connections", p99, "ms", most=40 if top else None)
    report.add(f"CPU a page at {connections} connections, web", meter.spent["web"] / rate / SECONDS * 1000, "ms")


def add_queries(report, stack, page):
    """Counted by PostgreSQL: the page as kept, and as drawn afresh (an unknown key in the address is never kept)."""
    with Browser(stack.port) as browser:
        for name, path, aim in (("warm", page, 2), ("drawn afresh", f"{page}?unknown=1", None)):
            browser.get(path)
            with statements() as sent:
                status = browser.get(path)
            if status != 200:
                raise AssertionError(f"{path} answered {status}")
            report.add(f"queries of a page {name}", len(sent), most=aim)


def load(port, page, connections, seconds):
    """(pages a second, p99 in milliseconds)"""
    if shutil.which("wrk") or install_debian_package("wrk"):
        return wrk(f"http://127.0.0.1:{port}{page}", connections, seconds)
    print("wrk is not installed (sudo apt-get install wrk): a slower client of our own takes its place.")
    return own_load(port, page, connections, seconds)


def wrk(url, connections, seconds):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", *AS_BROWSERS, url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if trouble := re.search(r"Socket errors.*|Non-2xx.*", told):
        raise AssertionError(trouble[0])
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]), float(number) * UNITS[unit]


def own_load(port, page, connections, seconds):
    with ThreadPoolExecutor(connections) as crowd:
        end = time.monotonic() + seconds
        took = [each for found in crowd.map(lambda _: visits(port, page, end), range(connections)) for each in found]
    return len(took) / seconds, percentile(took, 99) * 1000


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
