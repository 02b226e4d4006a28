"""The harness itself, so that a failure of it is not taken for one of the product."""

import urllib.request

from events_pages.models import EventPage
from tests import factories
from tests.harness import until


def test_stack_starts_and_shares_its_database_with_the_test(stack):
    factories.make_home()
    page = factories.make_event("Sea Shanties")
    assert EventPage.objects.get(pk=page.pk).title == "Sea Shanties"
    with urllib.request.urlopen(f"{stack.url}/health/") as answer:
        assert answer.status == 200


def test_web_survives_kill_9_of_its_workers(stack):
    stack.web.kill_children()
    until(lambda: stack.web.is_ready(stack.web), what="new gunicorn workers")


def test_worker_can_be_killed_and_started_again(stack):
    stack.worker.kill_hard()
    assert not stack.worker.program.running
    stack.worker.start()
    assert stack.worker.program.running
