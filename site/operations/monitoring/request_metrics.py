"""Metrics of requests by view: counted in the process, or in one file per process of gunicorn."""

from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from common import env

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
