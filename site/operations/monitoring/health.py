"""Whether the site is up and can sell right now. Nothing secret in the answers: no host, no version, no error text."""

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db import Error as DatabaseTrouble
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Site

from common.text.typed_dates import format_moment
from events_pages.admin import scheduled_publication
from events_pages.public.restrictions import restriction_exists
from operations.enums import HealthStatus
from operations.worker import watchdog
from payments.domain.monitoring import health as payments_health
from payments.domain.verification import polling_pause
from payments.enums import CycleKind, MerchantStatus
from payments.models import MerchantAccount, WorkerCycle
from protection.visitors import maintenance, rate_limits
from ticketing.domain.catalogue import availability, pricing
from ticketing.models import EventSale

STATEMENT_TIMEOUT = 2000  # milliseconds that PostgreSQL may take for one question of a probe
LOOK_BACK = timedelta(minutes=5)
CYCLES_ASKING_SUMUP = [CycleKind.POLL, CycleKind.WATCH, CycleKind.REFUNDS]
CACHE_KEY = "health"
MOST_SALES = 50  # of a kind, named in one answer
MIGRATIONS_RECHECK = 10  # seconds before missing migrations are looked for again

_migrations = {"missing": None, "until": 0}


@dataclass(frozen=True)
class HealthReport:
    """`parts`: {what was looked at: what is wrong with it in plain words, "" when nothing is}."""

    ok: bool
    parts: dict

    @property
    def status(self):
        if not self.ok:
            return HealthStatus.FAILING
        return HealthStatus.DEGRADED if any(self.parts.values()) else HealthStatus.OK


@dataclass(frozen=True)
class OpenSale:
    """A sale that should be selling now, its page ("" when not everybody may read it) and why nobody can buy, or ""."""

    sale_id: int
    path: str
    reason: str


def build_health_report():
    """Database, cache, limits, migrations, worker, polling, publishing. Never raises, takes seconds at most.

    Not ok: the database does not answer, migrations are missing, no heartbeat or no look at payments for three minutes.
    Named but ok, because the site sells all the same: polling that somebody has paused, a cache that is down, limits
    that each process counts alone, pages that were not published in time. A web process younger than `watchdog.GRACE`
    says “starting” of worker and polling and is ok: a platform may start it before any worker.
    """
    aside = {
        "cache": describe_cache_problem(),
        "limits": rate_limits.describe_counter_trouble(),
    }  # what needs no database
    try:
        with limit_statement_time():
            silences = watchdog.worker_silence(), payments_health.polling_silence(timezone.now())
            pause = polling_pause.get_current_pause()
            missing = look_for_missing_migrations()
            late = "" if missing else _publishing_problem()
    except DatabaseTrouble:
        unknown = _("unknown while the database does not answer")
        parts = dict.fromkeys(("database", "migrations", "worker", "polling", "publishing"), unknown)
        return HealthReport(False, parts | {"database": _("does not answer"), **aside})
    worker, polling = _worker_problem(silences[0]), _polling_problem(silences[1])
    ok = not (missing or worker or polling)
    if watchdog.is_process_starting():
        ok, worker, polling = not missing, worker and _("starting"), polling and _("starting")
    parts = {"database": "", "migrations": _("some are not applied") if missing else "", **aside, "publishing": late}
    return HealthReport(ok, parts | {"worker": worker, "polling": polling or _pause_problem(pause)})


def list_open_sales(everywhere=None):
    """Sales that should be selling now, as OpenSale, in a fixed number of queries: all of them where they are not too
    many, and with them whatever cannot be sold (`_sales_on_sale`). `everywhere` is what
    `why_nothing_sells()` said if it was asked already. Raises `django.db.Error`.
    """
    with limit_statement_time():
        everywhere = why_nothing_sells() if everywhere is None else everywhere
        now, roots = timezone.now(), Site.get_site_root_paths()
        return [
            OpenSale(sale.pk, _public_path(sale, roots), everywhere or _why_unpayable(sale))
            for sale in _sales_on_sale(now)
            if not availability.why_sale_closed(sale, now)
        ]


def why_nothing_sells():
    """Why nothing at all can be sold now, in plain words; "" when it can. Raises `django.db.Error`."""
    if sentence := maintenance.current_sentence():
        return sentence
    with limit_statement_time():
        quiet = watchdog.worker_silence()
        asked = WorkerCycle.objects.filter(kind__in=CYCLES_ASKING_SUMUP, started_at__gt=timezone.now() - LOOK_BACK)
        asked = asked.aggregate(calls=Sum("calls", default=0), errors=Sum("errors", default=0))
    if quiet and not watchdog.is_process_starting():
        return _worker_problem(quiet)
    return _("SumUp does not answer") if asked["errors"] >= max(asked["calls"], 1) else ""


@contextmanager
def limit_statement_time(milliseconds=STATEMENT_TIMEOUT):
    """Limits each statement in the block. Not on SQLite, which has no such limit and which a transaction would lock."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [milliseconds])
        yield


def look_for_missing_migrations():
    """Whether this code has migrations that the database lacks. A process that found none does not look again."""
    known, now = _migrations["missing"], time.monotonic()
    if known is False or (known and now < _migrations["until"]):
        return known
    executor = MigrationExecutor(connection)
    missing = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    _migrations.update(missing=missing, until=now + MIGRATIONS_RECHECK)
    return missing


def describe_cache_problem():
    try:
        if not cache.get(CACHE_KEY):
            cache.set(CACHE_KEY, True, 60)
        kept = cache.get(CACHE_KEY)
    except DatabaseTrouble:  # the cache of a laptop lies in the database
        kept = None
    return "" if kept else _("does not answer or is full; the site works without it, slower")


def _worker_problem(silence):
    if silence is None:
        return ""
    if silence == timedelta.max:
        return _("no worker has run yet")
    minutes = int(silence.total_seconds() // 60)
    return ngettext("no worker for %(n)d minute", "no worker for %(n)d minutes", minutes) % {"n": minutes}


def _polling_problem(silence):
    if silence is None:
        return ""
    if silence == timedelta.max:
        return _("no payment was ever looked at")
    minutes = int(silence.total_seconds() // 60)
    words = ngettext("no payment looked at for %(n)d minute", "no payment looked at for %(n)d minutes", minutes)
    return words % {"n": minutes}


def _publishing_problem():
    late = scheduled_publication.count_late_schedules(timezone.now())
    words = ngettext("%(n)d page missed its time", "%(n)d pages missed their time", late)
    return words % {"n": late} if late else ""


def _pause_problem(pause):
    return _("paused since %(when)s") % {"when": format_moment(pause.started_at)} if pause else ""


def _sales_on_sale(now):
    """Sales that are open by their dates, with what `pricing` needs: MOST_SALES of those whose dates come first, of
    passes, of the site's own account, and of accounts that are out of order. So what cannot be sold is among them."""
    wanted = _pick_sales(now)
    rows = pricing.with_merchant_status(EventSale.objects.filter(pk__in=wanted))
    rows = rows.select_related("page", "performance", "merchant")
    rows = rows.annotate(is_restricted=restriction_exists("page__path"))
    rows = rows.defer(*availability.unneeded_page_fields("page")).prefetch_related("ticket_types")
    return sorted(rows, key=lambda sale: wanted[sale.pk])


def _pick_sales(now):
    """{id of a sale: its place}; looked for by ids alone, so that a sale that is found twice is loaded once."""
    opened = Q(opens_at=None) | Q(opens_at__lte=now)
    not_ended = (
        Q(closes_at__gt=now) | Q(closes_at=None, performance__starts_at__gt=now) | Q(closes_at=None, performance=None)
    )
    rows = EventSale.objects.filter(opened, not_ended, is_active=True, page__live=True).values_list("pk", flat=True)
    dated = rows.filter(performance__ends_at__gt=now).order_by("performance__ends_at", "pk")
    broken = MerchantAccount.objects.exclude(status=MerchantStatus.CONNECTED)
    parts = [dated, rows.filter(performance=None), dated.filter(merchant=None), dated.filter(merchant__in=broken)]
    found = dict.fromkeys(pk for part in parts for pk in part[:MOST_SALES])
    return {pk: place for place, pk in enumerate(found)}


def _why_unpayable(sale):
    paid = any(kind.is_active and kind.price for kind in sale.ticket_types.all())
    return str(pricing.why_unpayable(sale)) if paid else ""


def _public_path(sale, roots):
    """The page's path, without a query per page; "" for a page that not everybody may read."""
    page = sale.page
    for root in () if sale.is_restricted else roots:
        if page.url_path.startswith(root.root_path):
            return page.url_path[len(root.root_path) - 1 :]
    return ""
