import pytest

from operations.enums import TaskOutcome
from operations.models import TaskRun
from operations.monitoring import row_counts
from tests.operations.factories import make_run

pytestmark = pytest.mark.django_db


def count_outcomes():
    return dict(row_counts.count_by(TaskRun.objects, "outcome"))


def test_it_works():
    make_run(), make_run(outcome=TaskOutcome.FAILED)
    assert count_outcomes() == {TaskOutcome.DONE: 1, TaskOutcome.FAILED: 1}


def test_sums_of_older_rows_are_kept_and_the_newest_are_added_up(monkeypatch):
    monkeypatch.setattr(row_counts, "NEWEST", 2)
    old, *_others = [make_run() for _ in range(4)]
    assert count_outcomes() == {TaskOutcome.DONE: 4}
    TaskRun.objects.filter(pk=old.pk).update(outcome=TaskOutcome.FAILED)
    make_run()
    assert count_outcomes() == {TaskOutcome.DONE: 5}
    row_counts.forget_sums(TaskRun)
    assert count_outcomes() == {TaskOutcome.DONE: 4, TaskOutcome.FAILED: 1}


def test_a_change_of_the_newest_shows_at_once(monkeypatch):
    monkeypatch.setattr(row_counts, "NEWEST", 2)
    *_others, new = [make_run() for _ in range(4)]
    count_outcomes()
    TaskRun.objects.filter(pk=new.pk).update(outcome=TaskOutcome.FAILED)
    assert count_outcomes() == {TaskOutcome.DONE: 3, TaskOutcome.FAILED: 1}
