"""Figures for Prometheus, read from the rows when it asks: a dozen sums, no walk over rows, no name of anybody."""

from django.db import Error as DatabaseTrouble
from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from operations import database_watch, health, requests
from operations.models import Heartbeat, TaskRun
from payments.domain import alerts
from payments.domain import health as payments_health
from payments.enums import CycleKind
from payments.models import Cycle, Payment, PollingPause
from ticketing.models import BasketLine, CheckIn, Delivery, Order, Ticket

__all__ = ["CONTENT_TYPE", "exposition"]

STATEMENT = 5000  # milliseconds for one figure
KNOWN_WITHIN = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 3600)  # seconds


def exposition():
    """Everything in Prometheus' text format. Without the database: what this site's processes counted, and that."""
    registry = CollectorRegistry()
    requests.register(registry)
    registry.register(Rows())
    return generate_latest(registry)


class Rows:
    """What the database knows."""

    def collect(self):
        try:
            with health.quickly(STATEMENT):
                found = [family for figure in FIGURES for family in figure(timezone.now())]
        except DatabaseTrouble:
            found = []
        yield gauge("jersey_database_answers", "1 while the database answers", bool(found))
        yield from found


def gauge(name, words, value=None, *, labels=(), rows=()):
    """One number, or one for each row of labels and a number."""
    return filled(GaugeMetricFamily(name, words, labels=labels), [(int(value),)] if value is not None else rows)


def counter(name, words, *, labels, rows):
    return filled(CounterMetricFamily(name, words, labels=labels), rows)


def filled(family, rows):
    for *names, number in rows:
        family.add_metric([str(each) for each in names], number)
    return family


def owed(name, words, queryset, since, now):
    """How many wait, and for how long the oldest does."""
    found = queryset.order_by().aggregate(number=Count("pk"), oldest=Min(since))
    yield gauge(name, words, found["number"])
    yield gauge(f"{name}_oldest_seconds", f"{words}: age of the oldest", age(found["oldest"], now))


def age(when, now):
    """Seconds since then; 0 when there is nothing."""
    return max((now - when).total_seconds(), 0) if when else 0


def by(queryset, field):
    return queryset.order_by().values_list(field).annotate(number=Count("pk"))


def orders(now):
    yield gauge("jersey_orders", "Orders by state", labels=["state"], rows=by(Order.objects, "state"))


def tickets(now):
    yield gauge("jersey_tickets", "Tickets by state", labels=["state"], rows=by(Ticket.objects, "state"))


def check_ins(now):
    rows = by(CheckIn.objects, "result")
    yield counter("jersey_check_ins", "Scans at the door by result", labels=["result"], rows=rows)


def holds(now):
    found = BasketLine.objects.filter(expires_at__gt=now).aggregate(lines=Count("pk"), seats=Sum("quantity", default=0))
    yield gauge("jersey_holds", "Basket lines that hold seats now", found["lines"])
    yield gauge("jersey_held_seats", "Seats held now", found["seats"])


def verification(now):
    """From the money moving, by SumUp's clock, to us knowing."""
    known = Payment.objects.filter(paid_at__isnull=False, transacted_at__isnull=False)
    seconds = payments_health.Seconds("paid_at", "transacted_at")
    limits = {f"under_{limit}": Count("pk", filter=Q(seconds__lt=limit)) for limit in KNOWN_WITHIN}
    found = (
        known.order_by().annotate(seconds=seconds).aggregate(every=Count("pk"), sum=Sum("seconds", default=0), **limits)
    )
    buckets = [(f"{limit}.0", found[f"under_{limit}"]) for limit in KNOWN_WITHIN] + [("+Inf", found["every"])]
    words = "Seconds from the money moving to this site knowing"
    yield HistogramMetricFamily("jersey_verification_seconds", words, buckets=buckets, sum_value=max(found["sum"], 0))


def payments_due(now):
    due = Payment.objects.filter(next_check_at__lte=now)
    yield from owed("jersey_payments_due", "Payments that are due for a look at SumUp", due, "next_check_at", now)


def pauses_of_polling(now):
    words = "1 while polling is paused by a person"
    yield gauge("jersey_polling_paused", words, PollingPause.objects.filter(ended_at=None).exists())


def by_hand(now):
    rows = payments_health.unproved_payments()
    words = "Payments settled by hand that SumUp has not shown"
    yield from owed("jersey_payments_unproved", words, rows, "paid_at", now)


def outbox(now):
    rows = Delivery.objects.filter(next_attempt_at__isnull=False)
    yield from owed("jersey_mails_owed", "Mails owed to buyers", rows, "requested_at", now)


def alerts_owed(now):
    yield from owed("jersey_alerts_owed", "Alerts owed to staff", alerts.unmailed(), "raised_at", now)


def tasks(now):
    rows = TaskRun.objects.order_by().values_list("name", "outcome")
    rows = rows.annotate(number=Sum("runs"), time=Sum("took"))
    runs = [(name, outcome, number) for name, outcome, number, _ in rows]
    times = [(name, outcome, time.total_seconds()) for name, outcome, _, time in rows]
    labels = ["task", "outcome"]
    yield counter("jersey_task_runs", "Tasks that the worker ran", labels=labels, rows=runs)
    yield counter("jersey_task_seconds", "Time that they took", labels=labels, rows=times)


def sumup(now):
    calls = payments_health.calls(now)
    rows = [
        ("hour", "answered", max(calls.hour - calls.errors_hour, 0)),
        ("hour", "unanswered", calls.errors_hour),
        ("day", "answered", max(calls.day - calls.errors_day, 0)),
        ("day", "unanswered", calls.errors_day),
    ]
    words = "Questions to SumUp in the last hour and day, by result"
    yield gauge("jersey_sumup_calls", words, labels=["last", "result"], rows=rows)


def signs_of_life(now):
    beat = Heartbeat.objects.aggregate(last=Max("beat_at"))["last"]
    cycle = Cycle.objects.filter(kind=CycleKind.POLL).order_by("-pk").values_list("finished_at", flat=True).first()
    rows = [(name, age(when, now)) for name, when in (("worker", beat), ("polling", cycle)) if when]
    yield gauge(
        "jersey_silence_seconds", "Since a worker, or a look at payments, was heard of", labels=["of"], rows=rows
    )


def database(now):
    """What is different between PostgreSQL and SQLite has names of its own."""
    found = database_watch.look_at_database()
    yield gauge("jersey_database_bytes", "Size of the database", found.bytes)
    yield from (server_of if isinstance(found, database_watch.Server) else file_of)(found)


def server_of(found):
    yield gauge("jersey_database_connections", "Connections to the server", found.connections)
    yield gauge("jersey_database_connections_allowed", "Connections that it allows", found.allowed)
    words = f"Statements that have been running for more than {database_watch.SLOW} second"
    yield gauge("jersey_database_slow_statements", words, found.slow)
    yield gauge("jersey_database_oldest_transaction_seconds", "Age of the oldest one", found.oldest_transaction)
    yield gauge("jersey_database_waiting", "Connections that wait for a lock", found.waiting)
    words = "Deadlocks that the server has ended"
    yield counter("jersey_database_deadlocks", words, labels=[], rows=[(found.deadlocks,)])
    for name, words in (("bytes", "Size with indexes"), ("rows", "Rows"), ("dead", "Rows to be cleared up")):
        rows = [(table.name, getattr(table, name)) for table in found.tables]
        yield gauge(f"jersey_database_table_{name}", f"{words}, largest tables", labels=["table"], rows=rows)


def file_of(found):
    yield gauge("jersey_database_log_bytes", "Size of the write-ahead log", found.log)
    yield gauge("jersey_database_free_bytes", "Empty room inside the file", found.free)


FIGURES = [
    orders,
    tickets,
    check_ins,
    holds,
    verification,
    payments_due,
    pauses_of_polling,
    by_hand,
    outbox,
    alerts_owed,
    tasks,
    sumup,
    signs_of_life,
    database,
]
