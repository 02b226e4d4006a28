"""What finding costs with 10,000 events and 1,000,000 orders on PostgreSQL, and with the same events on SQLite."""

import os
import random
import subprocess
import sys
from functools import cache

from django.db import connection

from bench.processes import Meter, database_pid
from bench.report import Report
from bench.world import temporary_folder, world
from tests.harness import environment_for

EVENTS = int(os.environ.get("BENCH_EVENTS", 10_000))
ORDERS = int(os.environ.get("BENCH_ORDERS", 1_000_000))
ROUNDS = 40
AIM = 60  # ms
SYLLABLES = [f"{first}{then}" for first in "bcdfghjklmnprstvwz" for then in "aeiou"]
STORY = 80  # words of an event's story
WORDS = 20_000  # that all stories are made of
EVENT_WORDS = {"one word": "{word}", "first letters": "{start}", "three words in any order": "{last} opera {word}"}
EVENT_WORDS |= {
    "one slip": "{slip}",
    "a slip in each of two words": "{slip} oprea",
    "nothing": "zzxqy",
    "every event": "opera",
}
ORDER_WORDS = {
    "a name": "ana {word}",
    "first letters": "ana {start}",
    "name and event": "{other} {word}",
    "one slip": "ana {slip}",
}
ORDER_WORDS |= {"a reference": "je 00000042", "nothing": "zzxqy", "half of all orders": "ana"}


def main():
    if os.environ.get("BENCH_SQLITE"):
        in_this_process()
        return
    with world():
        measure_events("PostgreSQL")
        measure_orders()
    with temporary_folder() as folder:
        address = {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "DJANGO_SETTINGS_MODULE": "bench.settings"}
        environment = environment_for(folder, **address) | {"BENCH_SQLITE": "1"}
        subprocess.run([sys.executable, "-m", "bench.search"], env=environment, check=True)


def in_this_process():
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    measure_events("SQLite")


def measure_events(where):
    from django.utils import timezone

    from events_pages.models import EventPage
    from events_pages.public import event_list
    from events_pages.public.event_filter import EventFilter

    make_events(EVENTS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    report = Report(f"finding among {EVENTS:,} events on {where}")
    now, pages = timezone.now(), EventPage.objects.live()
    for name, words in EVENT_WORDS.items():
        cost = measured(
            lambda words=words: EventFilter.read({"q": words.format(**some_word())}).page_of(
                event_list.list_upcoming(pages, now), size=12
            )
        )
        report.add(f"by {name}", cost, "ms", most=AIM)
    report.note("CPU here and in the database for a page of rows and their number; the page around them is not drawn")
    report.show()


def measure_orders():
    from bench.rows import make_sold_order
    from ticketing.domain.admission.order_search import find_order_lines
    from ticketing.models import OrderLine

    copy_orders(make_sold_order())
    report = Report(f"finding among {ORDERS:,} orders on PostgreSQL")
    for name, words in ORDER_WORDS.items():
        cost = measured(lambda words=words: find_order_lines(OrderLine.objects.all(), words.format(**some_word())))
        report.add(f"by {name}", cost, "ms")
    report.show()


def measured(work):
    """Milliseconds of CPU each, here and in the database, after one that warms up."""
    random.seed(7)
    work()
    server = {"database": database_pid()} if connection.vendor == "postgresql" else {}
    with Meter(**server) as meter:
        for _ in range(ROUNDS):
            work()
    return sum(meter.spent.values()) / ROUNDS * 1000


@cache
def vocabulary():
    every = [f"{one}{two}{three}" for one in SYLLABLES for two in SYLLABLES for three in SYLLABLES]
    return random.Random(3).sample(every, WORDS)


def some_word():
    word, other = random.sample(vocabulary(), 2)
    at = random.randrange(1, len(word) - 1)
    return {"word": word, "start": word[:5], "last": "night", "other": other, "slip": word[:at] + word[at + 1 :]}


def make_events(count):
    """Rows as the product writes them, past its signals: each with a title, a place and a story of its own."""
    from datetime import timedelta

    from django.db import transaction
    from django.utils import timezone

    from events_pages.models import Performance
    from tests.factories import make_event

    mould, dates = make_event("Opera Night"), []
    parent = mould.get_parent()
    random.seed(3)
    with transaction.atomic():
        for number in range(1, count + 1):
            page = write_page(build_event(mould, parent, number))
            dates.append(Performance(page=page, starts_at=timezone.now() + timedelta(days=1 + number % 300)))
            dates[-1].complete_times()
        Performance.objects.bulk_create(dates)


def build_event(mould, parent, number):
    from wagtail.models import Page

    from events_pages.models import EventPage

    words = vocabulary()
    title = f"Opera Night {words[number % len(words)]} {random.choice(words)}"
    page = EventPage(
        title=title,
        draft_title=title,
        slug=f"e{number}",
        path=Page._get_path(parent.path, parent.depth + 1, number + 100),
        depth=parent.depth + 1,
        url_path=f"{parent.url_path}e{number}/",
        content_type_id=mould.content_type_id,
        locale=mould.locale,
        live=True,
        summary=" ".join(random.sample(words, 8)),
        venue=mould.venue,
        organiser=mould.organiser,
        poster=mould.poster,
        body=[("text", f"<p>{' '.join(random.sample(words, STORY))}</p>")],
    )
    page.search_words = page.words_to_find()
    return page


def write_page(page):
    from wagtail.models import Page

    row = Page(**{field.attname: getattr(page, field.attname) for field in Page._meta.concrete_fields})
    row.save_base(raw=True, force_insert=True)
    page.page_ptr_id = page.pk = row.pk
    page.save_base(raw=True, force_insert=True)
    return page


def copy_orders(order):
    """Copies of one order, each with a name, an address and words of its own."""
    from bench.seed import copy, number

    some = f"ARRAY[{', '.join(repr(each) for each in SYLLABLES)}]"
    size, first = len(SYLLABLES), "CASE n % 2 WHEN 0 THEN 'ana' ELSE 'zoe' END"
    name, title = (
        " || ".join(f"({some})[(n::bigint * {step} / {size}^{power})::bigint % {size} + 1]" for power in range(3))
        for step in (1, 7919)
    )
    reference = "lpad(n::text, 8, '0')"
    words = (
        f"concat_ws(' ', 'je', {reference}, 'je' || {reference}, {first}, {name}, {title}, 'opera adult night 49 00')"
    )
    line = order.lines.get()
    with connection.cursor() as cursor:
        number(cursor, "sold", ORDERS, order_="ticketing_order", line_="ticketing_orderline")
        own = {"id": "order_", "reference": f"'JE-' || {reference}", "buyer_email": "n || '@example.je'"}
        copy(cursor, "ticketing_order", order.pk, "sold", own)
        own = {"id": "line_", "order_id": "order_", "search_words": f"strip(to_tsvector('simple', {words}))"}
        copy(cursor, "ticketing_orderline", line.pk, "sold", own)
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
