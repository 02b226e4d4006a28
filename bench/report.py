"""A figure's measurements beside their aims: a table for people, one line of JSON for machines."""

import json
import os
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class Report:
    """`add("rate", 61.2, "/s", least=50)`; a measurement without an aim is shown beside the others."""

    figure: str
    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def add(self, name, value, unit="", *, most=None, least=None):
        self.rows.append(Row(name, value, unit, most, least))

    def note(self, words):
        self.notes.append(words)

    @property
    def met(self):
        return all(row.met for row in self.rows)

    def show(self):
        print(f"\n{self.figure}")
        for row in self.rows:
            print(f"  {row.name:<58}{shown(row.value):>12} {row.unit:<6}{row.aim:>10}  {row.verdict}")
        for words in self.notes:
            print(f"  ({words})")
        print(self.json(), flush=True)

    def json(self):
        aims = {row.name: row.aim for row in self.rows if row.aim}
        document = {
            "figure": self.figure,
            "value": {row.name: rounded(row.value) for row in self.rows},
            "aim": aims,
            "met": self.met,
            "missed": [row.name for row in self.rows if not row.met],
            "notes": self.notes,
            "load_average": round(os.getloadavg()[0], 1),
        }
        return json.dumps(document, ensure_ascii=False)


@dataclass(frozen=True)
class Row:
    name: str
    value: object
    unit: str
    most: object
    least: object

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
