"""Whoever comes from the earlier system finds each thing they know, and what stands beside it is there."""

import re

import pytest

from tests.harness import ROOT

PAGE = (ROOT / "docs/operations/earlier-system.md").read_text(encoding="utf-8")
KNOWN = [
    "qcluster", "supervisor file", "systemd file", "schedule's admin page", "build command", "run command",
    "test payment 1", "test payment 2", "test payment 3", "set back in time", "alert test", "payment_polling.log",
]  # fmt: skip
EVENT = re.compile(r"`((?:order|payment)\.[a-z_]+)`")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize("words", KNOWN)
def test_each_thing_they_know_has_a_line(words):
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and words in line.split("|")[1]]
    assert rows, words
    assert all(row.split("|")[2].strip() for row in rows)


def test_every_event_that_it_names_is_written_by_the_code():
    code = "\n".join(path.read_text() for app in ("payments", "ticketing") for path in (ROOT / app).rglob("*.py"))
    named = set(EVENT.findall(PAGE))
    assert len(named) >= 3
    assert [
        event for event in named if f'"{event} ' not in code and f'"%s.{event.partition(".")[2]} ' not in code
    ] == []


def test_every_test_that_it_names_exists():
    named = TEST.findall(PAGE)
    assert len(named) >= 4
    assert [name for path, name in named if f"def {name}(" not in (ROOT / path).read_text()] == []
