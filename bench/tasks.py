"""What the worker does by itself, with nothing due, and what staff and buyers set going that touches many rows."""

from datetime import timedelta
from importlib import import_module

from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from huey.contrib.djhuey import HUEY

from bench.cost import Cost, measure

SWEEP = 50  # milliseconds of CPU
SELDOM = {
    "notice_money_back": 100,
    "look_at_slow_checks": 10_000,
    "nightly_audit": 10_000,
    "nightly_erasure": 1_000,
    "place_all_dates": 1_000,
    "sweep_nightly": 2_000,
    "sweep_hourly": 1_000,
    "forget_old_rows": 2_000,
    "forget_old_runs": 1_000,
    "forget_old_cycles": 1_000,
    "forget_old_sign_ins": 1_000,
}
"""What is not asked each minute may cost more, and read more: milliseconds of CPU."""
COUNTING = ("count_figures",)
"""May read what a busy day left: it says how often SumUp was asked in it."""


def measure_all(site):
    autodiscover_modules("tasks")
    for task in HUEY._registry.periodic_tasks:
        name = type(task).__name__
        work = getattr(import_module(type(task).__module__), name).call_local  # within our own connection
        yield measure_work(f"task {name}", work, SELDOM.get(name, SWEEP), judges_reads=name not in {*SELDOM, *COUNTING})
    for name, work, target in list_deeds(site.own):
        yield measure_work(name, work, target)


def measure_work(name, work, target, *, judges_reads=True):
    """A sweep finds in the cache what the one before left there."""
    cost = Cost("work", name, target)
    try:
        measure(cost, work, keeps_cache=True, judges_reads=judges_reads)
    except Exception as error:  # one that breaks is a line of the table, and the others are measured
        cost.reads.append(f"broke: {error!r}")
    return cost


def list_deeds(own):
    from ticketing.domain.orders import batch_refunds
    from ticketing.domain.privacy import access_links, erasure, personal_data, retention

    someone = "buyer77@example.je"
    return [
        ("erase a person", lambda: erasure.erase_person(someone), 200),
        ("plan an erasure", lambda: erasure.plan_erasure(someone), 100),
        ("export personal data", lambda: personal_data.export_personal_data(someone), 100),
        ("find a person's orders", lambda: access_links.request_order_links(someone), 50),
        ("plan of a refund of 2,000", lambda: batch_refunds.plan_batch(own["sale"]), 200),
        ("fifty refunds of 2,000", lambda: batch_refunds.request_next_refunds(own["batch"].pk), 3_000),
        ("progress of a refund of 2,000", lambda: batch_refunds.get_batch_progress(own["batch"]), 100),
        ("a night's purge", lambda: retention.purge_nightly(pick_night(0, is_full=False)), 1_000),
        ("a night's purge with nothing due", lambda: retention.purge_nightly(pick_night(EMPTY, is_full=False)), 100),
        ("a Sunday's purge with nothing due", lambda: retention.purge_nightly(pick_night(EMPTY, is_full=True)), 3_000),
    ]


EMPTY = 2
"""Days ago: what was due then is erased in the profile.

A Sunday's floor is to read once every order that is not erased: after a lower `retention_days`, or where dates were
moved, buyers come due whom no look at the last days finds.
"""


def pick_night(days, *, is_full):
    """The first so many days ago or before; for 0 tonight or the next."""
    from ticketing.domain.privacy import retention

    step = timedelta(days=-1 if days else 1)
    nights = (timezone.now() - timedelta(days=days) + number * step for number in range(7))
    return next(night for night in nights if retention.is_night_of_full_look(night) == is_full)
