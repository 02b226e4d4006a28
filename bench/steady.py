"""What a web process holds after 10,000 requests of every kind, and whether it still grows."""

import os
from concurrent.futures import ThreadPoolExecutor

from bench import rush
from bench.browser import Browser
from bench.processes import largest_of
from bench.report import Report
from bench.world import world

REQUESTS = int(os.environ.get("BENCH_REQUESTS", 10_000))
BATCHES = 20
AT_A_TIME = 8
OF_A_PURCHASE = 5  # requests
EVENTS = 24
MOST, GROWTH = 160, 4  # MB


def main():
    report = Report(f"Memory of a web process over {REQUESTS:,} requests")
    with world() as here:
        from bench import rows

        page = rows.make_free_event(capacity=100_000)
        rows.make_events(EVENTS)
        with here.running("web") as stack:
            sizes = [largest_of(stack.web.program.pid)]
            for batch in range(BATCHES):
                ask_everything(stack.port, page, batch, REQUESTS // BATCHES)
                sizes.append(largest_of(stack.web.program.pid))
    report.add("when it starts", sizes[0], "MB")
    report.add("after the first half", sizes[BATCHES // 2], "MB")
    report.add("after all", sizes[-1], "MB", most=MOST)
    report.add("grown in the second half", sizes[-1] - sizes[BATCHES // 2], "MB more", most=GROWTH)
    report.note("the larger of two processes; half of the requests are purchases, half pages, drawn afresh or kept")
    report.show()


def ask_everything(port, page, batch, requests):
    buyers = requests // 2 // OF_A_PURCHASE
    crowd = rush.run(port, page, range(batch * buyers, (batch + 1) * buyers), at_a_time=AT_A_TIME)
    if crowd.outcomes != {rush.BOUGHT: buyers}:
        raise AssertionError(f"not everybody could buy: {crowd.outcomes}, {crowd.of(rush.TROUBLE)[:1]}")
    first = batch * requests
    paths = list_paths(page, range(first, first + requests - buyers * OF_A_PURCHASE))
    with ThreadPoolExecutor(AT_A_TIME) as visitors:
        list(visitors.map(lambda number: visit(port, paths[number::AT_A_TIME]), range(AT_A_TIME)))


def list_paths(page, numbers):
    """An unknown key in the address is never kept."""
    kinds = [
        "/",
        "/events/",
        page,
        "/events/?q=event+{}",
        "/?unknown={}",
        "/events/?unknown={}",
        f"{page}?unknown={{}}",
    ]
    kinds += ["/events/calendar.ics", "/events/feed.rss", "/tickets/find/"]
    return [kinds[number % len(kinds)].format(number) for number in numbers]


def visit(port, paths):
    with Browser(port) as browser:
        for path in paths:
            if (status := browser.get(path)) != 200:
                raise AssertionError(f"{path} answered {status}")


if __name__ == "__main__":
    main()
