"""`make bench`: which scripts it runs, and what it says of them."""

import json

import pytest

from bench import comparison, run
from bench.comparison import Kept
from bench.report import Report
from tests.harness import ROOT

OF_THEIR_OWN = {"run", "load", "attacks"}
"""Started by make, or by another script."""


def test_every_script_has_its_place():
    files = (ROOT / "bench").glob("[a-z]*.py")
    scripts = {path.stem for path in files if '__name__ == "__main__"' in path.read_text(encoding="utf-8")}
    assert scripts - OF_THEIR_OWN == {*run.QUICK, *run.LONG}


def test_the_quick_ones_run_unless_others_are_named():
    assert run.choose([]) == run.QUICK
    assert run.choose(["pdf", "pages", "pdf"]) == ["pdf", "pages"]
    assert run.choose(["long"]) == run.LONG


def test_a_script_that_is_none_is_refused_with_those_that_are():
    with pytest.raises(SystemExit, match=r"no figure speed\. Quick ones: plain, purchases"):
        run.choose(["pdf", "speed"])


def test_what_is_kept_is_measured_by_a_script_that_is_there():
    assert set(comparison.read_kept()) <= {*run.QUICK, *run.LONG}


def told(name, value, **options):
    report = Report("something")
    report.add(name, value, "plain", **options)
    return report.result()


@pytest.fixture
def script(monkeypatch, tmp_path):
    """`script(1.0, 2.0)`: its runs measure this, one after the other; returns what `run_often` gives."""
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.setattr(run, "ROOT", tmp_path)

    def prepare(*values, keeps=False, most=None):
        lines = [json.dumps(told("cost", value, most=most)) for value in values]
        (folder / "lines.txt").write_text("\n".join(lines))
        (folder / "made.py").write_text(
            "import pathlib\nfile = pathlib.Path('bench/lines.txt')\n"
            "first, *rest = file.read_text().split('\\n')\nfile.write_text('\\n'.join(rest))\nprint(first)\n"
        )
        return run.run_often("made", {"PATH": "", "PYTHONPATH": str(tmp_path)}, keeps)

    return prepare


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(comparison, "read_kept", lambda: {"made": {"cost": Kept(50.0, "plain")}})


def test_a_figure_as_it_was_is_measured_once(script, kept):
    assert [each["value"] for each in script(50.0, 1.0)] == [{"cost": 50.0}]


def test_what_seems_worse_is_measured_once_more(script, kept, capsys):
    [result] = script(80.0, 51.0)
    assert result["value"] == {"cost": 51.0}
    run.tell_changes({"made": result})
    assert "nothing got worse" in capsys.readouterr().out


def test_what_is_worse_twice_is_told(script, kept, capsys):
    [result] = script(80.0, 90.0)
    run.tell_changes({"made": result})
    assert "worse: made, cost: 80 plain, was 50" in capsys.readouterr().out


def test_what_is_to_be_kept_is_measured_three_times_and_written(script, monkeypatch):
    written = {}
    monkeypatch.setattr(comparison, "write_kept", written.update)
    assert [each["value"]["cost"] for each in script(2.0, 2.0, 3.0, keeps=True)] == [2.0, 2.0, 3.0]
    assert written == {"made": {"cost": Kept(2.0, "plain", varies=0.5)}}


def test_a_script_that_breaks_gives_nothing(script):
    assert run.run("none", {"PATH": "", "PYTHONPATH": ""}) is None


def test_several_reports_of_one_script_are_one_result():
    both = run.add_result(told("events", 3.0, most=5), told("orders", 9.0, most=5))
    assert both["value"] == {"events": 3.0, "orders": 9.0}
    assert both["missed"] == ["orders"]


def test_a_missed_aim_is_told_with_its_value(capsys):
    run.tell_verdicts({"pages": told("cost", 16.2, most=15), "pdf": told("weight", 6.0, most=7), "start": None})
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[-3:] == ["pages MISSED: cost 16.2 (≤ 15)", "pdf met", "start FAILED: it came to no result"]
