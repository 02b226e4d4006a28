"""Dates as rules: so many days from today, or the next time a season comes round."""

from dataclasses import dataclass
from datetime import date, timedelta


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
