"""Tasks in the admin: what runs, when next, what failed, and once more."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from huey.contrib.djhuey import HUEY

from operations.enums import TaskOutcome
from operations.worker import task_history
from tests.operations.factories import make_beat, make_run

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/tasks/"
HOUR = timedelta(hours=1)


@pytest.fixture
def administrator(client):
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def failed():
    given = {"args": [7], "kwargs": {}}
    return make_run(
        "payments.tasks.verify_payment", TaskOutcome.FAILED, arguments=given, error="RuntimeError: SumUp said no"
    )


def page_of(client):
    return client.get(ADDRESS).content.decode()


def without_line_ends(page):
    return "".join(line.strip() for line in page.splitlines())


def test_it_works(administrator, failed):
    make_beat(worker="host:42")
    make_run("ticketing.tasks.sweep", runs=99)
    make_run("ticketing.tasks.sweep", TaskOutcome.FAILED, ago=HOUR, error="OperationalError: locked")
    page = page_of(administrator)
    assert "RuntimeError: SumUp said no" in page
    assert "with 7" in page
    assert "99 %<br><small>99 of 100</small>" in page
    assert "<td>host:42</td><td>alive</td>" in without_line_ends(page)
    assert "Nightly audit" in page
    assert "No worker runs" not in page


def test_a_dead_worker_is_visible(administrator):
    make_beat(ago=HOUR)
    page = page_of(administrator)
    assert "No worker runs" in page
    assert "<td>host:1</td><td>silent</td>" in without_line_ends(page)


def test_a_week_counts_apart_from_a_day(administrator):
    make_run("ticketing.tasks.sweep")
    make_run("ticketing.tasks.sweep", TaskOutcome.FAILED, ago=48 * HOUR)
    page = page_of(administrator)
    assert "100 %<br><small>1 of 1</small>" in page
    assert "50 %<br><small>1 of 2</small>" in page


def test_run_again_enqueues_it(administrator, failed):
    HUEY.flush()
    page = administrator.post(f"{ADDRESS}{failed.pk}/again/", follow=True).content.decode()
    assert "The task waits for the worker." in page
    task = HUEY.dequeue()
    assert (task_history.full_task_name(task), task.args) == (failed.name, (7,))


def test_what_cannot_run_again_says_why(administrator):
    gone = make_run("ticketing.tasks.gone", TaskOutcome.FAILED, arguments={"args": [], "kwargs": {}})
    page = administrator.post(f"{ADDRESS}{gone.pk}/again/", follow=True).content.decode()
    assert "This task is not known any more" in page


def test_looking_runs_nothing(administrator, failed):
    assert administrator.get(f"{ADDRESS}{failed.pk}/again/").status_code == 405


def test_only_administrators_see_it(client, failed):
    assert client.get(ADDRESS).url.startswith("/admin/login/")
    bob = User.objects.create_user("bob")
    bob.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(bob)
    HUEY.flush()
    assert client.get(ADDRESS).status_code == 302
    assert client.post(f"{ADDRESS}{failed.pk}/again/").status_code == 302
    assert HUEY.pending_count() == 0


def test_any_number_of_rows_asks_the_same(administrator):
    asked = []
    for number in range(3):
        make_run(f"ticketing.tasks.number_{number}")
        make_run("ticketing.tasks.sweep", TaskOutcome.FAILED)
        make_beat(worker=f"host:{number}")
        with CaptureQueriesContext(connection) as queries:
            page_of(administrator)
        asked.append(len(queries))
    assert asked[1] == asked[2] <= 20
