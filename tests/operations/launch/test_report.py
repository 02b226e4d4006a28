"""GO on a site that is fit to launch, and how the findings are put together and told."""

import json
import time

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection

from operations.enums import Colour, Urgency
from operations.launch import registry
from operations.launch.network import BackgroundCall, TooSlow
from operations.launch.registry import Check, Finding, amber, green, red, register_check

SQLITE = {"database"} if connection.vendor == "sqlite" else set()
"""The suite runs without services too; then one thing is red, and rightly so."""
GOOD = Check("good", "A good thing", Urgency.MUST, lambda facts: green("Fine."))


def of(found, colour):
    return {each.check.name: each.finding.words for each in found.results if each.colour == colour}


def command(capsys, *words):
    """(exit code, what it said)."""
    try:
        call_command("launch_check", *words)
    except SystemExit as stop:
        return stop.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_the_production_example_may_be_launched(production, facts):
    found = registry.run_checks(facts=facts)
    assert of(found, Colour.RED).keys() == SQLITE, of(found, Colour.RED)
    assert found.go is (not SQLITE)
    assert of(found, Colour.AMBER).keys() <= {"redis", "rate-limits", "sentry"}, of(found, Colour.AMBER)


def test_every_check_says_something_on_a_site_that_nobody_has_set_up(simulator, db, facts):
    found = registry.run_checks(facts=facts)
    assert not found.go
    assert [each.check.name for each in found.results if not each.finding.words] == []
    assert {each.check.urgency for each in found.results} == set(Urgency)
    assert not [each.check.name for each in found.results if "could not be found out" in each.finding.words]


def test_the_command_ends_in_go(capsys, db, monkeypatch):
    monkeypatch.setattr(registry, "load_checks", lambda: {"good": GOOD})
    code, said = command(capsys)
    assert code == 0
    assert said.splitlines()[-1] == "GO (1 green, 0 amber, 0 red)"
    assert "MUST BEFORE LAUNCH\n  ok    good             Fine." in said


def test_the_command_ends_in_no_go_and_names_what_is_wrong(capsys, db, monkeypatch):
    bad = Check("bad", "A bad thing", Urgency.MUST, lambda facts: red("It is broken.", "Mend it."))
    monkeypatch.setattr(registry, "load_checks", lambda: {"good": GOOD, "bad": bad})
    code, said = command(capsys)
    assert code == 1
    assert "WRONG bad              It is broken.\n" in said
    assert "→ Mend it." in said
    assert said.index("bad") < said.index("good")
    assert said.splitlines()[-1] == "NO-GO (1 green, 0 amber, 1 red)"


def test_json_for_machines(capsys, db, monkeypatch):
    monkeypatch.setattr(registry, "load_checks", lambda: {"good": GOOD})
    code, said = command(capsys, "--json")
    row = {"name": "good", "title": "A good thing", "urgency": "must", "colour": "green", "words": "Fine.", "todo": ""}
    assert (code, json.loads(said)) == (0, {"go": True, "checks": [row]})


def test_only_asks_what_is_named(capsys, db):
    code, said = command(capsys, "--only", "debug", "--only", "time-zone", "--json")
    assert code == 0
    assert [each["name"] for each in json.loads(said)["checks"]] == ["debug", "time-zone"]


def test_only_refuses_an_unknown_name(db):
    with pytest.raises(CommandError, match="No check dubug. There are: administrators, "):
        call_command("launch_check", "--only", "dubug")


def raises(error):
    def run(facts):
        raise error

    return run


@pytest.mark.parametrize(
    ("run", "urgency", "colour", "words"),
    [
        (raises(KeyError("secret")), Urgency.MUST, Colour.RED, "This could not be found out (KeyError)."),
        (raises(TooSlow()), Urgency.MUST, Colour.RED, "There was no answer in time"),
        (raises(KeyError("secret")), Urgency.SHOULD, Colour.AMBER, "This could not be found out (KeyError)."),
        (lambda facts: red("Bad."), Urgency.SHOULD, Colour.AMBER, "Bad."),
        (lambda facts: amber("So so."), Urgency.MUST, Colour.AMBER, "So so."),
        (lambda facts: green("Good."), Urgency.SHOULD, Colour.GREEN, "Good."),
    ],
)
def test_trouble_inside_a_check_is_a_finding_in_words(run, urgency, colour, words):
    found = registry.run_check(Check("x", "X", urgency, run), None).finding
    assert found.colour == colour
    assert found.words.startswith(words)
    assert "secret" not in found.words


def test_two_checks_cannot_have_one_name():
    with pytest.raises(ValueError, match="two checks named debug"):
        register_check("debug", "Another")(lambda facts: Finding(Colour.GREEN, ""))


def test_nobody_waits_longer_than_agreed_for_another_machine():
    began = time.monotonic()
    asked = BackgroundCall(time.sleep, 5, patience=0.05)
    for _ in range(2):
        with pytest.raises(TooSlow):
            asked.answer()
    assert time.monotonic() - began < 1


def test_an_answer_is_the_same_however_often_one_asks():
    asked = BackgroundCall(dict, [("a", 1)])
    assert asked.answer() is asked.answer()
    refused = BackgroundCall(int, "x")
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            refused.answer()


def test_django_runs_the_launch_checks_when_a_database_is_named(production):
    """`manage.py check --deploy --tag launch --database default`"""
    registry.load_checks()
    asked = {"tags": ["launch"], "include_deployment_checks": True}
    assert run_checks(**asked) == []
    found = {each.id: each.msg for each in run_checks(**asked, databases=["default"])}
    assert found.keys() == {f"launch.{name}" for name in registry.load_checks()}
    assert found["launch.debug"] == "Debug mode off: DEBUG is off."


def test_django_names_what_production_refuses(settings):
    settings.DEBUG = True
    found = run_checks(tags=["deploy"], include_deployment_checks=True)
    assert "production.debug" in {each.id for each in found}
