"""Metrics for Prometheus: aggregates only, no names.

What must be true to the second, or while no worker runs, is read at each request. What is added up over many rows the
worker counts once a minute; a request reads that, and its age.
"""

from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseTrouble
from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.multiprocess import MultiProcessCollector

from common import env
from operations.models import Heartbeat, TaskRun
from operations.monitoring import database_stats, health, row_counts
from payments.domain.monitoring import alerts
from payments.domain.monitoring import health as payments_health
from payments.enums import CycleKind
from payments.models import Payment, PollingPause, WorkerCycle
from ticketing.models import BasketLine, CheckIn, Delivery, Order, Ticket

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
OTHER, KEPT, ADMIN = "other", "kept-page-or-file", "admin"
ADMIN_PATH = "/admin/"

_own = CollectorRegistry()
REQUESTS = Counter(
    "jersey_requests", "Requests answered, by view and class of status", ["method", "status", "view"], registry=_own
)
SECONDS = Histogram(
    "jersey_request_seconds", "Time until the answer was ready, by view", ["view"], buckets=BUCKETS, registry=_own
)
_counters, _timers = {}, {}  # looking up labels costs more than counting


def count_request(request, response, seconds):
    view = view_label(request)
    key = (request.method if request.method in METHODS else OTHER, response.status_code // 100, view)
    counter, clock = _counters.get(key), _timers.get(view)
    if counter is None:
        counter = _counters[key] = REQUESTS.labels(key[0], f"{key[1]}xx", view)
    if clock is None:
        clock = _timers[view] = SECONDS.labels(view)
    counter.inc()
    clock.observe(seconds)


def view_label(request):
    """The view's name, never a path, of which there are endlessly many; the whole admin counts as one."""
    if request.path_info.startswith(ADMIN_PATH):
        return ADMIN
    match = request.resolver_match
    return KEPT if match is None else match.view_name or OTHER


def register_request_metrics(registry):
    folder = env.metrics_folder()
    if folder and Path(folder).is_dir():
        MultiProcessCollector(registry, folder)
    else:
        registry.register(_own)


__all__ = ["CONTENT_TYPE", "render_metrics"]

STATEMENT_TIMEOUT, COUNTING_TIMEOUT = 5000, 60_000  # milliseconds for one figure: of a request, of the worker
COUNTED_KEY, COUNTED_FOR = "metrics:counted", 26 * 60 * 60
KNOWN_WITHIN = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 3600)  # seconds


def render_metrics():
    """Everything in Prometheus' text format. Without the database: what the processes counted, and that it is down."""
    registry = CollectorRegistry()
    register_request_metrics(registry)
    counted_at, counted = _read_counted()
    registry.register(LiveFigures(counted_at))
    return generate_latest(registry) + counted


def count_figures():
    """By the worker, each minute; nothing while nobody may ask for metrics."""
    if not settings.METRICS_TOKEN:
        return
    registry, now = CollectorRegistry(), timezone.now()
    with health.limit_statement_time(COUNTING_TIMEOUT):
        registry.register(Figures([family for figure in COUNTED for family in figure(now)]))
    cache.set(COUNTED_KEY, (now, generate_latest(registry)), COUNTED_FOR)


def _read_counted():
    """(when, text); nothing where the worker has not counted yet, or where the cache does not answer."""
    try:
        return cache.get(COUNTED_KEY) or (None, b"")
    except DatabaseTrouble:
        return None, b""


class Figures:
    def __init__(self, families):
        self.families = families

    def collect(self):
        return self.families


class LiveFigures:
    def __init__(self, counted_at):
        self.counted_at = counted_at

    def collect(self):
        now = timezone.now()
        try:
            with health.limit_statement_time(STATEMENT_TIMEOUT):
                found = [family for figure in LIVE for family in figure(now)]
        except DatabaseTrouble:
            found = []
        yield make_gauge("jersey_database_answers", "1 while the database answers", bool(found))
        if self.counted_at:
            words = "Age of what the worker counts each minute"
            yield make_gauge("jersey_counted_age_seconds", words, age_in_seconds(self.counted_at, now))
        yield from found


def make_gauge(name, words, value=None, *, labels=(), rows=()):
    return fill_family(GaugeMetricFamily(name, words, labels=labels), [(int(value),)] if value is not None else rows)


def make_counter(name, words, *, labels, rows):
    return fill_family(CounterMetricFamily(name, words, labels=labels), rows)


def fill_family(family, rows):
    for *names, number in rows:
        family.add_metric([str(each) for each in names], number)
    return family


def backlog_gauges(name, words, queryset, since, now):
    found = queryset.order_by().aggregate(number=Count("pk"), oldest=Min(since))
    yield make_gauge(name, words, found["number"])
    yield make_gauge(f"{name}_oldest_seconds", f"{words}: age of the oldest", age_in_seconds(found["oldest"], now))


def age_in_seconds(when, now):
    """Seconds since then; 0 when there is nothing."""
    return max((now - when).total_seconds(), 0) if when else 0


def order_metrics(now):
    yield make_gauge(
        "jersey_orders", "Orders by state", labels=["state"], rows=row_counts.count_by(Order.objects, "state")
    )


def ticket_metrics(now):
    yield make_gauge(
        "jersey_tickets", "Tickets by state", labels=["state"], rows=row_counts.count_by(Ticket.objects, "state")
    )


def check_in_metrics(now):
    rows = row_counts.count_by(CheckIn.objects, "result")
    yield make_counter("jersey_check_ins", "Scans at the door by result", labels=["result"], rows=rows)


def hold_metrics(now):
    found = BasketLine.objects.filter(expires_at__gt=now).aggregate(lines=Count("pk"), seats=Sum("quantity", default=0))
    yield make_gauge("jersey_holds", "Basket lines that hold seats now", found["lines"])
    yield make_gauge("jersey_held_seats", "Seats held now", found["seats"])


def verification_metrics(now):
    """From the payment, by SumUp's clock, to this site knowing of it."""
    known = Payment.objects.filter(paid_at__isnull=False, transacted_at__isnull=False)
    found = row_counts.add_up(known, "verification", sum_up_verification)
    buckets = [(f"{limit}.0", found[f"under_{limit}"]) for limit in KNOWN_WITHIN] + [("+Inf", found["every"])]
    words = "Seconds from the money moving to this site knowing"
    yield HistogramMetricFamily("jersey_verification_seconds", words, buckets=buckets, sum_value=max(found["sum"], 0))


def sum_up_verification(payments):
    limits = {f"under_{limit}": Count("pk", filter=Q(seconds__lt=limit)) for limit in KNOWN_WITHIN}
    timed = payments.annotate(seconds=payments_health.Seconds("paid_at", "transacted_at"))
    return timed.aggregate(every=Count("pk"), sum=Sum("seconds", default=0), **limits).items()


def due_payment_metrics(now):
    due = Payment.objects.filter(next_check_at__lte=now)
    words = "Payments that are due for a look at SumUp"
    yield from backlog_gauges("jersey_payments_due", words, due, "next_check_at", now)


def polling_pause_metrics(now):
    words = "1 while polling is paused by a person"
    yield make_gauge("jersey_polling_paused", words, PollingPause.objects.filter(ended_at=None).exists())


def unproved_payment_metrics(now):
    rows = payments_health.unproved_payments()
    words = "Payments settled by hand that SumUp has not shown"
    yield from backlog_gauges("jersey_payments_unproved", words, rows, "paid_at", now)


def outbox_metrics(now):
    rows = Delivery.objects.filter(next_attempt_at__isnull=False)
    yield from backlog_gauges("jersey_mails_owed", "Mails owed to buyers", rows, "requested_at", now)


def owed_alert_metrics(now):
    yield from backlog_gauges("jersey_alerts_owed", "Alerts owed to staff", alerts.unmailed_alerts(), "raised_at", now)


def task_metrics(now):
    found = row_counts.add_up(TaskRun.objects, "runs", sum_up_runs)
    runs = [(name, outcome, number) for (what, name, outcome), number in found.items() if what == "runs"]
    times = [(name, outcome, number) for (what, name, outcome), number in found.items() if what == "seconds"]
    labels = ["task", "outcome"]
    yield make_counter("jersey_task_runs", "Tasks that the worker ran", labels=labels, rows=runs)
    yield make_counter("jersey_task_seconds", "Time that they took", labels=labels, rows=times)


def sum_up_runs(runs):
    rows = runs.values_list("name", "outcome").annotate(number=Sum("runs"), time=Sum("took"))
    for name, outcome, number, time in rows:
        yield ("runs", name, outcome), number
        yield ("seconds", name, outcome), time.total_seconds()


def sumup_metrics(now):
    calls = payments_health.count_provider_calls(now)
    rows = [
        ("hour", "answered", max(calls.hour - calls.errors_hour, 0)),
        ("hour", "unanswered", calls.errors_hour),
        ("day", "answered", max(calls.day - calls.errors_day, 0)),
        ("day", "unanswered", calls.errors_day),
    ]
    words = "Questions to SumUp in the last hour and day, by result"
    yield make_gauge("jersey_sumup_calls", words, labels=["last", "result"], rows=rows)


def silence_metrics(now):
    beat = Heartbeat.objects.aggregate(last=Max("beat_at"))["last"]
    cycle = (
        WorkerCycle.objects.filter(kind=CycleKind.POLL).order_by("-pk").values_list("finished_at", flat=True).first()
    )
    rows = [(name, age_in_seconds(when, now)) for name, when in (("worker", beat), ("polling", cycle)) if when]
    yield make_gauge(
        "jersey_silence_seconds", "Since a worker, or a look at payments, was heard of", labels=["of"], rows=rows
    )


def database_metrics(now):
    found = database_stats.read_database_stats()
    yield make_gauge("jersey_database_bytes", "Size of the database", found.bytes)
    yield from (postgresql_metrics if isinstance(found, database_stats.ServerStats) else sqlite_metrics)(found)


def postgresql_metrics(found):
    yield make_gauge("jersey_database_connections", "Connections to the server", found.connections)
    yield make_gauge("jersey_database_connections_allowed", "Connections that it allows", found.allowed)
    words = f"Statements that have been running for more than {database_stats.SLOW} second"
    yield make_gauge("jersey_database_slow_statements", words, found.slow)
    yield make_gauge("jersey_database_oldest_transaction_seconds", "Age of the oldest one", found.oldest_transaction)
    yield make_gauge("jersey_database_waiting", "Connections that wait for a lock", found.waiting)
    words = "Deadlocks that the server has ended"
    yield make_counter("jersey_database_deadlocks", words, labels=[], rows=[(found.deadlocks,)])
    for name, words in (("bytes", "Size with indexes"), ("rows", "Rows"), ("dead", "Rows to be cleared up")):
        rows = [(table.name, getattr(table, name)) for table in found.tables]
        yield make_gauge(f"jersey_database_table_{name}", f"{words}, largest tables", labels=["table"], rows=rows)


def sqlite_metrics(found):
    yield make_gauge("jersey_database_log_bytes", "Size of the write-ahead log", found.log)
    yield make_gauge("jersey_database_free_bytes", "Empty room inside the file", found.free)


COUNTED = [order_metrics, ticket_metrics, check_in_metrics, verification_metrics, task_metrics, sumup_metrics]
LIVE = [
    hold_metrics,
    due_payment_metrics,
    polling_pause_metrics,
    unproved_payment_metrics,
    outbox_metrics,
    owed_alert_metrics,
    silence_metrics,
    database_metrics,
]
