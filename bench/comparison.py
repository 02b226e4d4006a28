"""Today's figures against those that were kept in `bench/figures.json`: what got worse, what got better, in words.

Only what says the same on every machine is kept, each figure as the median of several runs. One whose runs differed by
more than a tenth of it is kept too, and named instead of compared.
"""

import json
from pathlib import Path
from statistics import median
from typing import NamedTuple

FILE = Path(__file__).with_name("figures.json")
TOLERANCE = 0.1
COUNTED = ("statements", "requests")
"""Units in which one more is worse: nothing but the code changes them."""


class Kept(NamedTuple):
    """`varies`: how far the runs were apart, as a part of the value."""

    value: float
    unit: str
    varies: float = 0.0


class Change(NamedTuple):
    """One figure of a script and what became of it, as a sentence. `name` is the figure's."""

    kind: str
    name: str
    words: str


WORSE, BETTER, NOISY, NEW, GONE = "worse", "better", "too noisy to compare", "not kept yet", "kept, not measured"
KINDS = (WORSE, BETTER, NOISY, NEW, GONE)


def read_kept(file=FILE):
    """{script: {name: Kept}}"""
    told = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {script: {name: Kept(**row) for name, row in rows.items()} for script, rows in told.items()}


def write_kept(figures, file=FILE):
    """Of these scripts; what was kept of others stays."""
    every = read_kept(file) | figures
    told = {script: {name: row._asdict() for name, row in rows.items()} for script, rows in sorted(every.items())}
    file.write_text(f"{json.dumps(told, indent=1, ensure_ascii=False)}\n", encoding="utf-8")


def sum_up(results):
    """{name: Kept} of several runs of one script."""
    found = {}
    for name, unit in results[-1]["unit"].items():
        values = [result["value"][name] for result in results]
        middle = median(values)
        varies = (max(values) - min(values)) / middle if middle else 0.0
        found[name] = Kept(round(middle, 3), unit, round(varies, 3))
    return found


def compare(kept, result):
    """The changes of one script; `kept` is {name: Kept}."""
    found = [judge(name, kept.get(name), result) for name in result["unit"]]
    gone = [Change(GONE, name, name) for name in kept if name not in result["unit"]]
    return [change for change in found if change] + gone


def judge(name, before, result):
    now, unit = result["value"][name], result["unit"][name]
    if before is None or before.unit != unit:
        return Change(NEW, name, f"{name}: {now:g} {unit}")
    if why := reason_of_noise(name, before, result):
        return Change(NOISY, name, f"{name}: {why}")
    room = 0 if unit in COUNTED else TOLERANCE * before.value
    if abs(now - before.value) <= room:
        return None
    is_better = (now > before.value) == (name in result["more is better"])
    return Change(BETTER if is_better else WORSE, name, f"{name}: {now:g} {unit}, was {before.value:g}")


def reason_of_noise(name, before, result):
    if before.varies > TOLERANCE and before.unit not in COUNTED:
        return f"by itself {before.varies:.0%} apart from run to run"
    return result["noisy"].get(name, "")


def take_better(first, second):
    """One result of two runs of a script: of each figure the better one, for machines have bad moments."""
    values = dict(second["value"])
    for name in first["unit"]:
        choose = max if name in first["more is better"] else min
        values[name] = choose(first["value"][name], values.get(name, first["value"][name]))
    missed = [name for name in second["missed"] if name in first["missed"]]
    return second | {"value": values, "missed": missed}
