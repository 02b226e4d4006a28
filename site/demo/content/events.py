"""What is on in the demo: `events.toml` and the posters beside it, read into plain records."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from demo.content.dates import Day, Season

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sale:
    capacity: int
    prices: list
    """Each with `name`, `price` (pounds, as text) and perhaps `description`; the rest are fields of the ticket type."""
    name: str = ""
    days_later: int = 0
    at: str = ""
    fields: dict = field(default_factory=dict)
    opens_in: int | None = None
    """Days from now; empty: on sale already."""
    sold: int = 0
    """Free tickets that the demo's own buyers have taken."""


@dataclass(frozen=True)
class Event:
    title: str
    summary: str
    shows: str
    when: Day | Season
    at: str
    until: str
    venue: str
    organiser: str
    categories: list
    story: list = ()
    sales: tuple = ()
    doors: str = ""
    until_days_later: int = 0
    fields: dict = field(default_factory=dict)


def read_event(row):
    when = Day(**row["when"]) if "days" in row["when"] else Season(**row["when"])
    sales = tuple(Sale(**sale) for sale in row.get("sales", ()))
    return Event(**row | {"when": when, "sales": sales})


def poster_file(slug):
    return FOLDER / "posters" / f"{slug}.webp"


_content = tomllib.loads((FOLDER / "events.toml").read_text(encoding="utf-8"))
EVENTS = tuple(read_event(row) for row in _content["events"])
FEATURED = tuple(_content["featured"])
