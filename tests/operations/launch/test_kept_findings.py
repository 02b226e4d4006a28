"""Slow checks: the worker looks, the page reads what it found and says how old that is."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from operations import tasks
from operations.enums import Colour, Urgency
from operations.launch import kept_findings, registry
from operations.launch.registry import Check, green, red
from operations.models import Heartbeat, LaunchFinding
from tests.operations.launch.test_report import SQLITE, of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


class Sample:
    """A slow check that counts how often it is run."""

    def __init__(self, urgency=Urgency.MUST):
        self.finding, self.looks = green("All seats add up."), 0
        self.check = Check("seats", "Seats", urgency, self.run, is_slow=True)

    def run(self, facts):
        self.looks += 1
        return self.finding


@pytest.fixture
def seats(monkeypatch):
    sample = Sample()
    monkeypatch.setattr(registry, "load_checks", lambda: {"seats": sample.check})
    return sample


@pytest.fixture
def marie(client, home):
    client.force_login(get_user_model().objects.create_superuser("marie", "", ""))
    return client


def look():
    tasks.look_at_slow_checks.call_local()


def found():
    result = kept_findings.build_page_report().results[0]
    return result.colour, result.finding.words, result.age


def make_older(by):
    LaunchFinding.objects.update(looked_at=timezone.now() - by)


def test_nobody_launches_before_the_worker_has_looked(seats):
    assert found() == (Colour.RED, "Nobody has looked yet.", "")
    assert not kept_findings.build_page_report().go
    assert seats.looks == 0


def test_the_page_reads_what_the_worker_found(seats):
    look()
    assert found() == (Colour.GREEN, "All seats add up.", "less than a minute ago")
    make_older(timedelta(minutes=12))
    assert found() == (Colour.GREEN, "All seats add up.", "12\xa0minutes ago")
    seats.finding = red("Oversold: 1.", "Refund one.")
    assert found()[0] == Colour.GREEN
    assert seats.looks == 1


def test_what_is_old_is_not_known_any_more(seats):
    look()
    make_older(3 * HOUR - timedelta(minutes=1))
    assert found()[0] == Colour.GREEN
    make_older(3 * HOUR + timedelta(minutes=1))
    colour, words, age = found()
    assert (colour, age) == (Colour.RED, "3\xa0hours ago")
    assert words == "Not known any more. When the worker last looked: All seats add up."


def test_what_is_only_due_soon_does_not_stop_a_launch_by_being_unknown(monkeypatch):
    soon = Sample(Urgency.SHOULD)
    monkeypatch.setattr(registry, "load_checks", lambda: {"seats": soon.check})
    assert found()[0] == Colour.AMBER
    look()
    make_older(4 * HOUR)
    assert found()[0] == Colour.AMBER


def test_a_worker_with_other_settings_is_not_believed(seats, settings):
    look()
    settings.SUMUP_API_KEY = "another"
    colour, words, _age = found()
    assert (colour, words.startswith("The worker found this with other settings")) == (Colour.RED, True)
    look()
    assert found()[0] == Colour.GREEN
    assert seats.looks == 2


def test_a_look_is_made_each_hour_and_seldom_where_it_takes_long(seats):
    look()
    look()
    assert seats.looks == 1
    make_older(HOUR)
    look()
    assert seats.looks == 2
    LaunchFinding.objects.update(took=timedelta(minutes=3))
    make_older(4 * HOUR)
    look()
    assert (seats.looks, found()[0]) == (2, Colour.GREEN)
    make_older(5 * HOUR)
    look()
    assert seats.looks == 3


def test_look_now_asks_the_worker(seats, marie):
    look()
    Heartbeat.objects.create(worker="box:1", started_at=timezone.now(), beat_at=timezone.now())
    HUEY.flush()
    seats.finding = red("Oversold: 1.")
    text = unescape(marie.post(reverse("launch"), {"look": "1"}, follow=True).text)
    assert "The worker looks now" in text
    assert "The worker was asked to look again" in text
    assert "All seats add up." in text
    assert [task.name for task in HUEY.pending()] == ["look_at_slow_checks"]
    look()
    text = unescape(marie.get(reverse("launch")).text)
    assert "Oversold: 1." in text
    assert "Looked at less than a minute ago." in text
    assert "was asked" not in text


def test_look_now_looks_itself_where_no_worker_runs(seats, marie):
    text = unescape(marie.post(reverse("launch"), {"look": "1"}, follow=True).text)
    assert "Looked at everything." in text
    assert "All seats add up." in text


def test_two_looks_at_once_are_one(seats, transactional_db):
    """While a first look goes on, a second ends at once."""
    seats.finding = green("All seats add up.")
    run = seats.check.run

    def run_twice(facts):
        look()
        return run(facts)

    seats.check.run = run_twice
    look()
    assert seats.looks == 1


def test_a_site_that_is_fit_to_launch_says_so_once_the_worker_has_looked(production):
    assert not kept_findings.build_page_report().go
    look()
    report = kept_findings.build_page_report()
    assert of(report, Colour.RED).keys() <= SQLITE | {"disk"}, of(report, Colour.RED)
    aged = {each.check.name for each in report.results if each.age}
    assert {"capacity", "merchants", "sumup-live", "clock", "visit-home", "visit-static"} <= aged
    assert not {"settings", "worker", "migrations", "disk"} & aged


def test_a_check_that_is_gone_leaves_no_finding_on_the_page(seats, monkeypatch):
    look()
    monkeypatch.setattr(registry, "load_checks", dict)
    assert kept_findings.build_page_report().results == []
