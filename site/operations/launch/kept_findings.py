"""What the worker found of slow launch checks, and how old that is.

Missing, too old or found with other settings is not known, so it is as bad as what is wrong: nobody launches on it.
"""

from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from common.queue import wake
from operations.launch import registry
from operations.launch.facts import Facts
from operations.launch.registry import Finding, LaunchReport, red
from operations.locks import exclusive_lock
from operations.models import LaunchFinding
from operations.worker import watchdog

OFTEN, SHARE = timedelta(hours=1), 100  # a look each hour; one that takes a minute, each hundred minutes
LATE = 3  # of these and nobody knows any more
READ_BY_CHECKS = ("SITE_URL", "SUMUP_API_URL", "SUMUP_API_KEY", "SUMUP_MERCHANT_CODE", "CURRENCY", "SELLING")
LOCK = 0x6C61756E6368


def build_page_report():
    """Quick checks are run, of slow ones the worker's finding is read."""
    known, facts = registry.load_checks(), Facts()
    kept = {row.name: row for row in LaunchFinding.objects.all()}
    return LaunchReport(
        [
            judge_kept(check, kept.get(check.name), facts.now) if check.is_slow else registry.run_check(check, facts)
            for check in known.values()
        ]
    )


def judge_kept(check, row, now):
    if row is None:
        todo = _("The worker looks within five minutes, while it runs; “Look now” asks it at once.")
        return registry.make_result(check, red(_("Nobody has looked yet."), todo))
    return registry.make_result(check, _find_doubt(row, now) or _read_finding(row), describe_age(row.looked_at, now))


def describe_age(moment, now):
    if now - moment < timedelta(minutes=1):
        return _("less than a minute ago")
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}


def request_look():
    """Asks the worker for a look at every slow check. Without a worker it is done here; True then."""
    LaunchFinding.objects.update(wanted_at=timezone.now())
    if watchdog.worker_silence() is None:
        wake("operations.tasks.look_at_slow_checks")
        return False
    look_at_due_checks()
    return True


def is_look_wanted():
    return any(map(_is_wanted, LaunchFinding.objects.all()))


def look_at_due_checks():
    """Keeps what each check says whose finding is missing, old, of other settings or asked for. One process at once."""
    if not list_due_checks():
        return
    with exclusive_lock(connection, key=LOCK, name="launch") as take:
        if not take():
            return
        facts = Facts()
        facts.begin()
        for check in list_due_checks():
            _keep_finding(check, facts)


def list_due_checks():
    now, slow = timezone.now(), {name: each for name, each in registry.load_checks().items() if each.is_slow}
    kept = {row.name: row for row in LaunchFinding.objects.filter(name__in=slow)}
    return [check for name, check in slow.items() if name not in kept or _is_due(kept[name], now)]


def mark_settings():
    """Says whether two processes read the same, without saying what."""
    values = [f"{name}={getattr(settings, name)}" for name in READ_BY_CHECKS]
    return salted_hmac(__name__, "\n".join(values), algorithm="sha256").hexdigest()


def _keep_finding(check, facts):
    looked_at, began = timezone.now(), monotonic()
    found = registry.run_check(check, facts).finding
    fields = {"colour": found.colour, "words": found.words, "todo": found.todo, "looked_at": looked_at}
    fields |= {"took": timedelta(seconds=monotonic() - began), "settings_mark": mark_settings()}
    LaunchFinding.objects.update_or_create(name=check.name, defaults=fields)


def _read_finding(row):
    return Finding(registry.Colour(row.colour), row.words, row.todo)


def _find_doubt(row, now):
    """Why a finding is not taken for true, as a red one; None without a reason."""
    if row.settings_mark != mark_settings():
        words = _("The worker found this with other settings than the site has now: %(words)s")
        return red(words % {"words": row.words}, _("Start site and worker anew with the same variables; look again."))
    if now - row.looked_at > LATE * _interval(row):
        words = _("Not known any more. When the worker last looked: %(words)s")
        return red(words % {"words": row.words}, _("Start the worker: it looks each hour."))
    return None


def _interval(row):
    return max(OFTEN, SHARE * row.took)


def _is_wanted(row):
    return row.wanted_at is not None and row.wanted_at > row.looked_at


def _is_due(row, now):
    return _is_wanted(row) or now - row.looked_at >= _interval(row) or row.settings_mark != mark_settings()
