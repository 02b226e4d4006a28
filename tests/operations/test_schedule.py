"""When each task runs next."""

import sqlite3
from datetime import UTC, datetime

from huey.contrib.djhuey import HUEY

from operations import schedule
from ticketing import tasks


def next_of(now):
    return {each.name: each.at.strftime("%d %H:%M") for each in schedule.upcoming(now)}


def test_it_works():
    found = next_of(datetime(2027, 3, 13, 18, 0, 30, tzinfo=UTC))
    assert found["ticketing.tasks.sweep"] == "13 18:01"
    assert found["payments.tasks.check_connections"] == "13 18:15"
    assert found["payments.tasks.sweep_hourly"] == "13 18:20"
    assert found["payments.tasks.sweep_nightly"] == "14 04:10"


def test_the_soonest_is_first():
    times = [each.at for each in schedule.upcoming(datetime(2027, 12, 31, 23, 59, tzinfo=UTC))]
    assert times == sorted(times)


def test_what_waits_is_counted():
    HUEY.flush()
    tasks.sweep()
    tasks.settle_order.schedule(("JE-1",), delay=60)
    found = schedule.waiting()
    assert found.pending + found.scheduled == 2
    HUEY.flush()


def test_a_queue_that_does_not_answer_is_no_crash(monkeypatch):
    def refuse():
        raise sqlite3.OperationalError

    monkeypatch.setattr(HUEY, "pending_count", refuse)
    assert schedule.waiting() is None
