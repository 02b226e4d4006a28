"""What is on in the demo: `events.toml` and the posters beside it, read into plain records."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from demo.content.pages import FOLDER, read_content
from events_pages.dates.series import SeriesRule


def next_weekday(day, weekday):
    """The first `weekday` (Monday is 0) on or after that day."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


@dataclass(frozen=True)
class Day:
    days: int
    weekday: int

    def after(self, today):
        return next_weekday(today + timedelta(days=self.days), self.weekday)


@dataclass(frozen=True)
class Season:
    month: int
    day: int
    weekday: int
    at_least: int = 12
    """Days from today; a season nearer than that is taken from next year."""

    def after(self, today):
        found = next_weekday(date(today.year, self.month, self.day), self.weekday)
        if found < today + timedelta(days=self.at_least):
            found = next_weekday(date(today.year + 1, self.month, self.day), self.weekday)
        return found


@dataclass(frozen=True)
class Sale:
    capacity: int
    prices: list
    """Each with `name`, `price` (pounds, as text) and perhaps `description`; the rest are fields of the ticket type."""
    name: str = ""
    days_later: tuple = (0,)
    """Counted from the event's first day: each is a date with a sale of its own."""
    at: str = ""
    is_pass: bool = False
    fields: dict = field(default_factory=dict)
    opens_in: int | None = None
    """Days from now; empty: on sale already."""
    sold: int = 0
    """Free tickets that the demo's own buyers have taken."""


@dataclass(frozen=True)
class Change:
    """What became of one date, that many days after the first; `moved` is by how many days."""

    days_later: int = 0
    moved: int = 0
    fields: dict = field(default_factory=dict)


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
    repeats: SeriesRule | None = None
    changes: tuple = ()
    fields: dict = field(default_factory=dict)


def read_event(row):
    when = Day(**row["when"]) if "days" in row["when"] else Season(**row["when"])
    sales = tuple(Sale(**sale) for sale in row.get("sales", ()))
    changes = tuple(Change(**change) for change in row.get("changes", ()))
    return Event(**row | {"when": when, "sales": sales, "changes": changes, "repeats": read_rule(row.get("repeats"))})


def read_rule(rule):
    return rule and SeriesRule(**rule | {"weekdays": tuple(rule.get("weekdays", ()))})


def poster_file(slug):
    return FOLDER / "posters" / f"{slug}.webp"


_content = read_content("events")
EVENTS = tuple(read_event(row) for row in _content["events"])
FEATURED = tuple(_content["featured"])
