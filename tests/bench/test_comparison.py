"""What is said of a figure that changed since it was kept."""

import pytest

from bench import comparison
from bench.comparison import BETTER, GONE, NEW, NOISY, WORSE, Kept
from bench.report import Report


def result_of(*rows):
    report = Report("something")
    for name, value, unit, options in rows:
        report.add(name, value, unit, **options)
    return report.result()


def changes(kept, value, unit="plain", **options):
    """[(kind, words)] of one figure that was kept so."""
    before = {"cost": kept} if kept else {}
    return [(each.kind, each.words) for each in comparison.compare(before, result_of(("cost", value, unit, options)))]


@pytest.mark.parametrize("value", [45.0, 50.0, 54.9])
def test_within_a_tenth_nothing_is_said(value):
    assert changes(Kept(50.0, "plain"), value) == []


def test_more_than_a_tenth_dearer_is_worse():
    assert changes(Kept(50.0, "plain"), 55.2) == [(WORSE, "cost: 55.2 plain, was 50")]


def test_more_than_a_tenth_cheaper_is_better():
    assert changes(Kept(50.0, "plain"), 44.8) == [(BETTER, "cost: 44.8 plain, was 50")]


@pytest.mark.parametrize(("value", "kind"), [(1.9, WORSE), (2.7, BETTER)])
def test_where_more_is_better_less_is_worse(value, kind):
    assert [each for each, _words in changes(Kept(2.3, "x"), value, "x", least=2.2)] == [kind]


@pytest.mark.parametrize(("value", "kind"), [(16, WORSE), (14, BETTER)])
def test_one_statement_more_or_less_is_told(value, kind):
    assert [each for each, _words in changes(Kept(15, "statements"), value, "statements")] == [kind]


def test_zero_that_became_something_is_worse():
    assert [each for each, _words in changes(Kept(0.0, "MB"), 0.5, "MB")] == [WORSE]


def test_a_figure_whose_runs_differed_is_named_instead():
    assert changes(Kept(50.0, "plain", varies=0.23), 90.0) == [
        (NOISY, "cost: by itself 23% apart from run to run"),
    ]


def test_a_figure_that_its_script_calls_noisy_is_named_with_the_reason():
    assert changes(Kept(2.3, "x"), 1.1, "x", noisy="two paces") == [(NOISY, "cost: two paces")]


@pytest.mark.parametrize("kept", [None, Kept(50.0, "MB")], ids=["never", "in another unit"])
def test_what_was_not_kept_is_told(kept):
    assert changes(kept, 12.0) == [(NEW, "cost: 12 plain")]


def test_what_is_not_measured_any_more_is_told():
    found = comparison.compare({"gone": Kept(1.0, "KB")}, result_of())
    assert [(each.kind, each.name) for each in found] == [(GONE, "gone")]


@pytest.mark.parametrize("unit", ["ms", "s", "/s", ""])
def test_what_another_machine_would_say_differently_is_not_compared(unit):
    assert changes(None, 12.0, unit) == []


def test_of_several_runs_the_median_is_kept_and_how_far_they_were_apart():
    runs = [result_of(("cost", value, "plain", {})) for value in (50.0, 48.0, 60.0)]
    assert comparison.sum_up(runs) == {"cost": Kept(50.0, "plain", varies=0.24)}


def test_of_two_runs_each_figure_counts_at_its_best():
    first = result_of(("cost", 60.0, "plain", {}), ("pace", 2.1, "x", {"least": 2}))
    second = result_of(("cost", 50.0, "plain", {}), ("pace", 1.8, "x", {"least": 2}))
    for one, other in ((first, second), (second, first)):
        assert comparison.take_better(one, other)["value"] == {"cost": 50.0, "pace": 2.1}


def test_an_aim_that_one_of_two_runs_met_is_met():
    first, second = (result_of(("cost", value, "plain", {"most": 55})) for value in (60.0, 50.0))
    for one, other in ((first, second), (second, first)):
        assert comparison.take_better(one, other)["missed"] == []
    assert comparison.take_better(first, first)["missed"] == ["cost"]


def test_writing_keeps_what_other_scripts_measured(tmp_path):
    file = tmp_path / "figures.json"
    comparison.write_kept({"pages": {"cost": Kept(12.0, "plain")}, "pdf": {"weight": Kept(7.0, "KB")}}, file)
    comparison.write_kept({"pages": {"cost": Kept(11.0, "plain", 0.02)}}, file)
    assert comparison.read_kept(file) == {
        "pages": {"cost": Kept(11.0, "plain", 0.02)},
        "pdf": {"weight": Kept(7.0, "KB")},
    }


def test_nothing_is_kept_yet(tmp_path):
    assert comparison.read_kept(tmp_path / "none.json") == {}
