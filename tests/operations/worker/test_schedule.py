"""When each task runs next."""

import sqlite3
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from huey.contrib.djhuey import HUEY

from operations.worker import task_stats
from payments.domain.reconciliation import days
from ticketing import tasks


def next_of(now):
    return {each.name: each.at.strftime("%d %H:%M") for each in task_stats.list_upcoming_tasks(now)}


def test_it_works():
    found = next_of(datetime(2027, 3, 13, 18, 0, 30, tzinfo=UTC))
    assert found["ticketing.tasks.sweep"] == "13 18:01"
    assert found["payments.tasks.check_connections"] == "13 18:15"
    assert found["payments.tasks.sweep_hourly"] == "13 18:20"
    assert found["payments.tasks.sweep_nightly"] == "14 04:10"


def test_the_soonest_is_first():
    times = [each.at for each in task_stats.list_upcoming_tasks(datetime(2027, 12, 31, 23, 59, tzinfo=UTC))]
    assert times == sorted(times)


def test_what_waits_is_counted():
    HUEY.flush()
    tasks.sweep()
    tasks.settle_order.schedule(("JE-1",), delay=60)
    found = task_stats.count_waiting_tasks()
    assert found.pending + found.scheduled == 2
    HUEY.flush()


def test_a_queue_that_does_not_answer_is_no_crash(monkeypatch):
    def refuse():
        raise sqlite3.OperationalError

    monkeypatch.setattr(HUEY, "pending_count", refuse)
    assert task_stats.count_waiting_tasks() is None


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2028, 2, 29), 24)])
def test_nightly_work_is_done_once_when_the_clocks_change(day, hours):
    """The queue counts in UTC, so no minute of it comes twice or never."""
    begin, end = (moment.astimezone(UTC).replace(tzinfo=None) for moment in days.day_bounds(day))
    minutes = [begin + timedelta(minutes=number) for number in range(int((end - begin).total_seconds() // 60))]
    runs = Counter(task.name for minute in minutes for task in HUEY.read_periodic(minute))
    assert runs["sweep"] == runs["publish_what_is_due"] == hours * 60
    nightly = {
        "back_up",
        "nightly_audit",
        "nightly_erasure",
        "place_all_dates",
        "sweep_nightly",
        "forget_old_runs",
        "forget_old_cycles",
    }
    assert {name: runs[name] for name in nightly} == dict.fromkeys(nightly, 1)
