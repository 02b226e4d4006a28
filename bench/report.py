"""A figure's measurements beside their aims: a table for people, one line of JSON for machines."""

import json
import os
from dataclasses import dataclass, field
from decimal import Decimal

PLAIN = "plain"
"""Plain responses: the CPU of a Django view that answers two bytes, measured in the same run (`bench.plain`)."""
COMPARED = {PLAIN, "x", "statements", "requests", "KB", "MB"}
"""Units that say the same on every machine. Seconds do not, nor what comes of them."""


@dataclass
class Report:
    """`add("rate", 61.2, "/s", least=50)`; a measurement without an aim is shown beside the others. `noisy` says why
    one must not be compared with those of another day although its unit would do.
    """

    figure: str
    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def add(self, name, value, unit="", *, most=None, least=None, noisy=""):
        self.rows.append(Row(name, value, unit, most, least, noisy))

    def note(self, words):
        self.notes.append(words)

    @property
    def met(self):
        return all(row.met for row in self.rows)

    def show(self):
        print(f"\n{self.figure}")
        for row in self.rows:
            print(f"  {row.name:<58}{shown(row.value):>12} {row.unit:<10}{row.aim:>10}  {row.verdict}")
        for words in self.notes:
            print(f"  ({words})")
        print(json.dumps(self.result(), ensure_ascii=False), flush=True)

    def result(self):
        """What `make bench` and `bench.comparison` read."""
        compared = [row for row in self.rows if row.unit in COMPARED]
        return {
            "figure": self.figure,
            "value": {row.name: rounded(row.value) for row in self.rows},
            "aim": {row.name: row.aim for row in self.rows if row.aim},
            "missed": [row.name for row in self.rows if not row.met],
            "unit": {row.name: row.unit for row in compared},
            "more is better": [row.name for row in compared if row.most is None and row.least is not None],
            "noisy": {row.name: row.noisy for row in self.rows if row.noisy},
            "notes": self.notes,
            "load_average": round(os.getloadavg()[0], 1),
        }


@dataclass(frozen=True)
class Row:
    name: str
    value: object
    unit: str
    most: object
    least: object
    noisy: str

    @property
    def met(self):
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def aim(self):
        if self.most is not None and self.most == self.least:
            return f"= {self.most}"
        return f"≤ {self.most}" if self.most is not None else f"≥ {self.least}" if self.least is not None else ""

    @property
    def verdict(self):
        return "" if not self.aim else "met" if self.met else "MISSED"


def rounded(value):
    return round(value, 3) if isinstance(value, float) else str(value) if isinstance(value, Decimal) else value


def shown(value):
    return f"{value:,.{0 if abs(value) >= 1000 else 2}f}" if isinstance(value, float) else f"{value:,}"


def percentile(values, percent):
    """The smallest value that at least `percent` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
