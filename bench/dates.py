"""What pages about dates cost with 10,000 events and 60,000 dates on PostgreSQL, against as few as fill every page.

Time, statements, and what PostgreSQL reads for them; with 10 events statements alone. Nothing comes from the cache of
pages.
"""

import os
import time
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

from django.core.cache import cache
from django.db import connection

from bench import plans
from bench.processes import Meter, database_pid
from bench.report import Report
from bench.world import world
from tests import harness

EVENTS = int(os.environ.get("BENCH_EVENTS", 10_000))
DATES = 6  # of each event
A_FEW = 240  # events, close together, that fill every page to its bound: so both answers are as long
SMALLEST = 10
WEEKS = 52  # dates of the weekly event
BATCHES = 5  # of both sizes in turn; the quickest counts, because machines have other work
BATCH = 0.4  # seconds of CPU: a database tells its own in hundredths
AIM = 1.2
WHEN = (
    "(date_trunc('day', now()) + interval '19 hours' + "
    "(CASE WHEN n <= {few} THEN n * 61 % 120 - 60 ELSE n * 61 % 700 - 200 END + 7 * {week}) * interval '1 day')"
)
fresh = count()


def main():
    with world() as here:
        from django.test import Client

        mould, weekly = make_moulds()
        addresses = list_addresses(weekly)
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(make_staff())
        copies = make_copies(mould, here.database_url.rpartition("/")[2])
        show({name: measure(client, path, copies) for name, path in addresses.items()})


def make_copies(mould, name):
    """{number of events: name of a database with so many}"""
    copies, there = {}, 0
    for events in (SMALLEST, A_FEW, EVENTS):
        add_events(mould, range(there + 1, events + 1))
        connection.close()
        copies[events] = f"{name}_{events}"
        harness.administer("CREATE DATABASE {} TEMPLATE {}", copies[events], name)
        with reading(copies[events]), connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        there = events
    return copies


@contextmanager
def reading(name):
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def show(measured):
    report = Report(f"{EVENTS:,} events of {DATES} dates each, against {A_FEW}, and {SMALLEST}")
    for name, (milliseconds, statements, long_scans) in measured.items():
        for events, took in milliseconds.items():
            report.add(f"{name}, {events:,} events", took, "ms")
        report.add(f"{name}, ratio", milliseconds[EVENTS] / milliseconds[A_FEW], most=AIM)
        for events, asked in statements.items():
            report.add(f"{name}, {events:,} events, statements", asked)
        report.add(f"{name}, statements more than of {A_FEW}", statements[EVENTS] - statements[A_FEW], most=0)
        report.add(f"{name}, plans that read over {plans.MOST_ROWS:,} rows in a row", len(long_scans), most=0)
        for plan in long_scans:
            report.note(f"{name}: {plan}")
    report.note(f"CPU of a request in this process and in the database: the quickest of {BATCHES} batches")
    report.show()


def make_moulds():
    """An event of six dates, each on sale, and one of every week for a year."""
    from django.utils import timezone
    from wagtail.models import Site

    from tests.factories import make_event, make_performance, make_sale, make_type

    Site.objects.all().delete()
    weekly = make_event("Every Tuesday", starts_at=timezone.now() + timedelta(days=1))
    mould = make_event("Island Fair")  # the last of the tree: its copies come behind it
    Site.objects.update(hostname="127.0.0.1")
    for page, dates in ((mould, DATES), (weekly, WEEKS)):
        for number in range(dates):
            make_type(make_sale(performance=make_performance(page) if number else page.performances.first()))
        page.make_renditions()
    return mould, weekly


def make_staff():
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_superuser("bench", "bench@example.je", "bench")


def list_addresses(weekly):
    from django.utils import timezone

    date = weekly.performances.all()[5]
    day = timezone.localdate(date.starts_at)
    month = f"{day:%Y-%m}"
    return {
        "home page": "/",
        "list": "/events/",
        "second page of the list": "/events/?page=2",
        "a month of the list": f"/events/?month={month}",
        "a parish of the list": "/events/?parish=st_helier",
        "archive": "/events/archive/",
        "page of a weekly event": weekly.get_url(),
        "one date of a weekly event": f"{weekly.get_url()}dates/{date.pk}/",
        "month view": f"/events/month/{month}/",
        "calendar of the list": "/events/calendar.ics",
        "news of the list": "/events/feed.rss",
        "calendar of a weekly event": f"{weekly.get_url()}calendar.ics",
        "choice at the door": "/tickets/scan/",
        "door list": f"/tickets/scan/{date.pk}/",
    }


def add_events(mould, numbers):
    """By SQL, each like the mould, in parishes turn by turn, from half a year back to over a year ahead."""
    from bench import seed
    from events_pages.enums import Parish
    from tests.factories import make_venue

    venues = [make_venue(f"Hall of {parish}", parish).pk for parish in Parish.values]
    venue = f"(ARRAY{venues})[n % {len(venues)} + 1]"
    with connection.cursor() as cursor:
        if numbers.start == 1:
            cursor.execute(seed.BASE36)
        for name in ("event", "dated"):
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
        seed.number(cursor, "event", numbers, page="wagtailcore_page")
        seed.copy_pages(cursor, mould, "event", len(numbers), venue_id=venue)
        for week, performance in enumerate(mould.performances.all()):
            copy_dated(cursor, performance, WHEN.format(week=week, few=A_FEW))


def copy_dated(cursor, performance, starts):
    from bench import seed

    sale = performance.sales.get()
    cursor.execute("DROP TABLE IF EXISTS dated")
    cursor.execute(
        "CREATE TEMP TABLE dated AS SELECT n, page, "
        "nextval(pg_get_serial_sequence('events_pages_performance', 'id')) AS date, "
        "nextval(pg_get_serial_sequence('ticketing_eventsale', 'id')) AS sale FROM event"
    )
    seed.copy_date(cursor, performance, "dated", starts)
    own = {"id": "sale", "page_id": "page", "performance_id": "date"}
    seed.copy(cursor, "ticketing_eventsale", sale.pk, "dated", own)
    seed.copy(cursor, "ticketing_tickettype", sale.ticket_types.get().pk, "dated", {"sale_id": "sale"})


def measure(client, path, copies):
    """({events: milliseconds}, {events: statements}, plans of the most events that read too much), drawn afresh."""
    asked, took = {}, {A_FEW: [], EVENTS: []}
    for events, name in copies.items():
        with reading(name):
            asked[events] = list_asked(client, path)
            long_scans = [words for sql, values in asked[events] for words in plans.find_long_scans(sql, values)]
    for _ in range(BATCHES):
        for events, milliseconds in took.items():
            with reading(copies[events]):
                milliseconds.append(time_batch(client, path))
    statements = {events: len(found) for events, found in asked.items()}
    return {events: min(found) for events, found in took.items()}, statements, long_scans


def list_asked(client, path):
    """[(SQL, its values)] once what is kept for a while is kept."""
    cache.clear()
    draw(client, path)
    with plans.listening() as asked:
        draw(client, path)
    return asked


def time_batch(client, path):
    """Milliseconds of CPU per request; the first fills what is kept for a while, and PostgreSQL's own."""
    cache.clear()
    draw(client, path)
    number, end = 0, time.process_time() + BATCH
    with Meter(database=database_pid()) as meter:
        while time.process_time() < end:
            draw(client, path)
            number += 1
    return sum(meter.spent.values()) / number * 1000


def draw(client, path):
    """An unknown key in the address is never kept."""
    answer = client.get(f"{path}{'&' if '?' in path else '?'}unknown={next(fresh)}")
    if answer.status_code != 200:
        raise AssertionError(f"{path} answered {answer.status_code}")


if __name__ == "__main__":
    main()
