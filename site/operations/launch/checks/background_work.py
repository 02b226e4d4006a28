"""Background work: Redis, the cache, the queue, the worker, polling, publishing."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from huey.contrib.djhuey import HUEY
from redis import Redis
from redis.exceptions import RedisError

from events_pages.admin import scheduled_publication
from operations.launch.network import BackgroundCall
from operations.launch.registry import amber, green, red, register_check
from operations.worker import watchdog
from payments.domain.monitoring import health
from payments.domain.verification import polling_pause
from ticketing.domain.privacy import old_rows

QUICK = 3  # seconds for Redis
LONG_QUEUE = 1000
NO_EVICTION = "noeviction"
FULL, MEGABYTE = 0.8, 1_000_000
A_FORTNIGHT = timedelta(days=14)


@register_check("redis", gettext_lazy("Redis"))
def check_redis(facts):
    if not settings.REDIS_URL:
        return judge_without_redis(facts)
    try:
        address = f"{settings.REDIS_URL}/0{settings.REDIS_TRUST}"
        memory = BackgroundCall(read_redis_memory, address, patience=QUICK).answer()
    except RedisError as error:
        return red(_("Redis cannot be reached (%(error)s).") % {"error": type(error).__name__}, _("Look at REDIS_URL."))
    policy = str(memory.get("maxmemory_policy", ""))
    if memory.get("maxmemory") and policy not in ("", NO_EVICTION):
        lost = _("tasks and limits") if policy.startswith("allkeys") else _("limits")
        return amber(
            _("Redis throws %(lost)s away when its memory is full (%(policy)s).") % {"lost": lost, "policy": policy},
            _("Set maxmemory-policy to noeviction; kept pages may have a Redis of their own (CACHE_REDIS_URL)."),
        )
    if memory.get("maxmemory") and memory.get("used_memory", 0) > FULL * memory["maxmemory"]:
        words = _("Redis uses %(used)d of its %(most)d MB.")
        used = {"used": memory["used_memory"] // MEGABYTE, "most": memory["maxmemory"] // MEGABYTE}
        return amber(words % used, _("When it is full, limits are counted by each process alone. Give it more."))
    return green(_("Redis answers."))


def judge_without_redis(facts):
    todo = _("Set REDIS_URL.")
    if facts.passing_disk:
        words = _("There is no Redis, and on %(platform)s the site and the worker share no disk.")
        return red(words % {"platform": facts.passing_disk}, todo)
    return amber(_("Queue and cache are in files and in the database: fine on one machine, and slower."), todo)


def read_redis_memory(url):
    with Redis.from_url(url, socket_timeout=QUICK, socket_connect_timeout=QUICK) as connection:
        return connection.info("memory")


@register_check("cache", gettext_lazy("Cache"))
def check_cache(facts):
    key, value = f"launch-check-{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, value, 30)
    found = cache.get(key)
    cache.delete(key)
    if found == value:
        return green(_("What is put in comes out again."))
    return red(_("The cache forgets at once."), _("Look at REDIS_URL; without Redis run `manage.py createcachetable`."))


@register_check("queue", gettext_lazy("Task queue"))
def check_queue(facts):
    try:
        waiting = BackgroundCall(HUEY.pending_count, patience=QUICK).answer()
    except (RedisError, OSError) as error:
        return red(_("The queue cannot be reached (%(error)s).") % {"error": type(error).__name__}, _("Start Redis."))
    if waiting > LONG_QUEUE:
        return amber(_("%(count)d tasks wait.") % {"count": waiting}, _("Start another worker, or see what is slow."))
    return green(_("Tasks that wait: %(count)d.") % {"count": waiting})


@register_check("worker", gettext_lazy("Worker"))
def check_worker(facts):
    silence = watchdog.worker_silence(facts.now)
    if silence is None:
        return green(_("A worker's heart beats."))
    todo = _("Start it: `manage.py run_huey` (Procfile: worker).")
    if silence == timedelta.max:
        return red(_("No worker was ever running."), todo)
    return red(_("The worker has been silent for %(count)d minutes.") % {"count": silence.total_seconds() // 60}, todo)


@register_check("poll-cycle", gettext_lazy("Payments are looked at"))
def check_poll_cycle(facts):
    if pause := polling_pause.get_current_pause():
        words = _("Polling is paused: %(reason)s Nobody who pays gets tickets.") % {"reason": pause.reason}
        return red(words, _("Let it go on, at /admin/polling/."))
    silence = health.polling_silence(facts.now)
    if silence is None:
        return green(_("There was a cycle within the last minutes."))
    todo = _("Start the worker; /admin/payments-health/ shows each kind of work.")
    if silence == timedelta.max:
        return red(_("No payment cycle was ever finished."), todo)
    return red(_("No payment cycle for %(count)d minutes.") % {"count": silence.total_seconds() // 60}, todo)


@register_check("publishing", gettext_lazy("Scheduled pages go live and go"))
def check_publishing(facts):
    if late := scheduled_publication.count_late_schedules(facts.now):
        return red(
            ngettext("%(count)d page missed its time.", "%(count)d pages missed their time.", late) % {"count": late},
            _("Start the worker; “publishing.failed” in its log says which page and why."),
        )
    return green(
        _("Pages that wait for their time: %(count)d.") % {"count": scheduled_publication.count_open_schedules()}
    )


@register_check("old_rows", gettext_lazy("Old rows"), is_slow=True)
def check_old_rows(facts):
    late = [str(label) for label, number in old_rows.count_old_rows(timezone.now() - A_FORTNIGHT).items() if number]
    if late:
        words = _("Not cleared for two weeks: %(what)s.") % {"what": ", ".join(late)}
        return amber(words, _("See that the worker runs at night, or run manage.py purge_expired_data."))
    return green(_("What is old enough was cleared."))
