"""The harness itself, so that a failure of it is not taken for one of the product."""

import re
import urllib.request

from events_pages.models import EventPage
from tests import factories
from tests.harness import until

COUNTER = re.compile(r'^jersey_requests_total{method="GET",status="2xx",view="health-live"} (\d+)', re.MULTILINE)


def ask(stack, path, **headers):
    with urllib.request.urlopen(urllib.request.Request(f"{stack.url}{path}", headers=headers)) as answer:
        return answer.read().decode()


def counted(stack):
    found = COUNTER.search(ask(stack, "/metrics", Authorization=f"Bearer {stack.environment['METRICS_TOKEN']}"))
    return int(found[1]) if found else 0


def test_stack_starts_and_shares_its_database_with_the_test(stack):
    factories.make_home()
    page = factories.make_event("Sea Shanties")
    assert EventPage.objects.get(pk=page.pk).title == "Sea Shanties"
    assert ask(stack, "/health/live/") == "ok"


def test_requests_are_counted_over_all_processes(stack):
    """Each of gunicorn's workers answers some; whichever is asked for the figures tells those of all."""
    before = counted(stack)
    for _ in range(20):
        ask(stack, "/health/live/")
    assert counted(stack) == counted(stack) == before + 20


def test_web_survives_kill_9_of_its_workers(stack):
    stack.web.kill_children()
    until(lambda: stack.web.is_ready(stack.web), what="new gunicorn workers")


def test_worker_can_be_killed_and_started_again(stack):
    stack.worker.kill_hard()
    assert not stack.worker.program.running
    stack.worker.start()
    assert stack.worker.program.running
