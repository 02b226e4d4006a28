"""Every task leaves a trace; none fails because of that."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from operations import tasks
from operations.enums import TaskOutcome
from operations.models import Heartbeat, TaskRun
from operations.worker import heartbeats, task_history
from payments import tasks as payment_tasks
from payments.domain.verification import payment_checks
from tests.operations.factories import forget_beats, make_beat, make_run, run
from ticketing import tasks as ticketing_tasks

pytestmark = pytest.mark.django_db

ALERTS = "payments.tasks.send_alerts"


@pytest.fixture(autouse=True)
def clock():
    forget_beats()
    HUEY.flush()
    with time_machine.travel("2027-03-13T18:10:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def explode(monkeypatch):
    """Looking at a payment goes wrong, in these words."""

    def explode(words):
        def verify(payment_id):
            raise RuntimeError(words)

        monkeypatch.setattr(payment_checks, "verify_payment", verify)
        run(payment_tasks.verify_payment.s(7))
        return TaskRun.objects.get(outcome=TaskOutcome.FAILED)

    return explode


def test_it_works():
    run(payment_tasks.send_alerts.s())
    [row] = TaskRun.objects.all()
    assert (row.name, row.outcome, row.runs, row.error) == (ALERTS, TaskOutcome.DONE, 1, "")
    assert row.worker == heartbeats.worker_name()


def test_runs_that_went_well_share_a_row_for_an_hour(clock):
    for _ in range(3):
        run(payment_tasks.send_alerts.s())
        clock.shift(timedelta(minutes=20))
    run(payment_tasks.send_alerts.s())
    assert list(TaskRun.objects.order_by("pk").values_list("runs", flat=True)) == [3, 1]
    assert TaskRun.objects.first().finished_at == timezone.now()


def test_time_taken_adds_up(monkeypatch, clock):
    monkeypatch.setattr("payments.mail.send_alerts", lambda: clock.shift(timedelta(seconds=2)))
    run(payment_tasks.send_alerts.s())
    run(payment_tasks.send_alerts.s())
    [row] = TaskRun.objects.all()
    assert (row.took, row.seconds) == (timedelta(seconds=4), 2)


def test_each_failure_has_its_reason_and_its_arguments(explode):
    failed = explode("SumUp said\n  no")
    assert (failed.name, failed.error) == ("payments.tasks.verify_payment", "RuntimeError: SumUp said no")
    assert failed.arguments == {"args": [7], "kwargs": {}}


def test_a_reason_quotes_no_person_and_no_token(explode):
    token = uuid4().hex
    order = "/tickets/orders/JE-1/aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3/"
    failed = explode(f"for ana@example.je at {order} with Bearer {token} or {token} and sup_sk_live-1234567")
    assert "JE-1" in failed.error
    for hidden in ("ana", "aB3", token, "live"):
        assert hidden not in failed.error


def test_what_is_no_id_or_time_is_not_kept(monkeypatch):
    monkeypatch.setattr(payment_checks, "verify_payment", lambda payment_id: 1 / 0)
    for given in ("ana@example.je", "x" * 100, {"name": "Ana"}):
        run(payment_tasks.verify_payment.s(given))
    assert set(map(str, TaskRun.objects.values_list("arguments", flat=True))) == {"{}"}


def test_a_worker_that_is_stopped_says_what_it_left():
    task = payment_tasks.verify_payment.s(7)
    HUEY._tasks_in_flight.add(task)
    HUEY.notify_interrupted_tasks()
    [row] = TaskRun.objects.all()
    assert (row.outcome, row.error) == (TaskOutcome.INTERRUPTED, "the worker was stopped in the middle")


def test_a_task_is_not_harmed_when_its_trace_cannot_be_written(monkeypatch, caplog):
    def refuse(*args, **kwargs):
        raise OperationalError("gone")

    done = []
    monkeypatch.setattr(TaskRun.objects, "create", refuse)
    monkeypatch.setattr("payments.mail.send_alerts", lambda: done.append(1))
    run(payment_tasks.send_alerts.s())
    assert done == [1]
    assert "task.unrecorded name=payments.tasks.send_alerts error=OperationalError" in caplog.text


def test_run_again_enqueues_the_same(explode):
    task_history.repeat_task(explode("no"))
    task = HUEY.dequeue()
    assert (task_history.full_task_name(task), task.args) == ("payments.tasks.verify_payment", (7,))


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "os.tasks.system",
        "ticketing.tasks.crontab",
        "ticketing.tasks.gone",
        "ticketing.tasks.logger.error",
        "gone.tasks.sweep",
        "",
    ],
)
def test_only_tasks_of_ours_run_again(name):
    with pytest.raises(task_history.NotRepeatable):
        task_history.repeat_task(make_run(name, TaskOutcome.FAILED, arguments={"args": [], "kwargs": {}}))


def test_unknown_arguments_are_not_run_again():
    with pytest.raises(task_history.NotRepeatable):
        task_history.repeat_task(make_run(ALERTS, TaskOutcome.FAILED))


def test_a_task_that_waits_for_a_commit_can_run_again(django_capture_on_commit_callbacks):
    failed = make_run("ticketing.tasks.deliver", TaskOutcome.FAILED, arguments={"args": [3], "kwargs": {}})
    with django_capture_on_commit_callbacks(execute=True):
        task_history.repeat_task(failed)
    assert HUEY.dequeue().args == (3,)
    assert task_history.find_task("ticketing.tasks.deliver") is ticketing_tasks.deliver


def test_old_runs_become_sums_so_that_counts_never_fall(clock):
    old = task_history.KEPT_FOR + timedelta(days=1)
    for _ in range(2):
        make_run(runs=5, ago=old)
        make_run(outcome=TaskOutcome.FAILED, ago=old)
        assert task_history.summarise_old_runs() == 2
        make_run()
    sums = {(row.outcome, row.worker): row.runs for row in TaskRun.objects.exclude(worker="host:1")}
    assert sums == {(TaskOutcome.DONE, ""): 10, (TaskOutcome.FAILED, ""): 2}
    assert TaskRun.objects.filter(worker="host:1").count() == 2


def test_a_task_that_ends_well_is_a_sign_of_life(clock):
    run(tasks.beat.s())
    clock.shift(timedelta(seconds=40))
    beaten = Heartbeat.objects.get().beat_at
    run(tasks.beat.s())  # too soon by the process' own clock, which stands still here
    assert Heartbeat.objects.get().beat_at == beaten
    forget_beats()
    run(tasks.beat.s())
    assert Heartbeat.objects.get().beat_at == timezone.now()


def test_workers_that_are_gone_are_forgotten_at_night():
    make_beat(ago=timedelta(days=2), worker="old:1")
    make_beat(worker="new:1")
    run(tasks.forget_old_runs.s())
    assert not Heartbeat.objects.filter(worker="old:1").exists()
    assert Heartbeat.objects.filter(worker="new:1").exists()
