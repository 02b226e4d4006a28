"""The schedule of an event: its dates in order. Who asks “when?” asks it: next, over, called off as a whole."""

from dataclasses import dataclass

from events_pages.dates.island_clock import to_island_clock
from events_pages.enums import PerformanceStatus


@dataclass(frozen=True)
class Schedule:
    """Dates of one event, in order; of all its dates, or of those that a ticket admits to."""

    performances: tuple

    def __iter__(self):
        return iter(self.performances)

    def __len__(self):
        return len(self.performances)

    @property
    def first(self):
        return self.performances[0] if self.performances else None

    @property
    def starts_at(self):
        """Of the first that takes place; None without dates."""
        return min((each.starts_at for each in self.taking_place or self.performances), default=None)

    @property
    def last_start(self):
        return max((each.starts_at for each in self.taking_place or self.performances), default=None)

    @property
    def ends_at(self):
        """When it is all over; None while one of them waits for a new date, or without dates."""
        if any(each.status == PerformanceStatus.POSTPONED for each in self):
            return None
        return max((each.ends_at for each in self), default=None)

    @property
    def taking_place(self):
        return [each for each in self if each.takes_place]

    @property
    def status(self):
        """What all dates together are: called off when every one is, postponed when none of them takes place."""
        if self.taking_place or not self.performances:
            return self.first.status if len(self) == 1 else PerformanceStatus.SCHEDULED
        postponed = any(each.status == PerformanceStatus.POSTPONED for each in self)
        return PerformanceStatus.POSTPONED if postponed else PerformanceStatus.CANCELLED

    def to_come(self, now):
        return [each for each in self if not each.is_over(now)]

    def others_like(self, date, now):
        """The rest of its series: other dates to come that begin at the same time of day and have the same name."""
        clock = to_island_clock(date.starts_at).time()
        return [
            each
            for each in self.to_come(now)
            if each.pk != date.pk and each.name == date.name and to_island_clock(each.starts_at).time() == clock
        ]

    def next(self, now):
        """The next that takes place, else the next at all, else the last that was; None without dates."""
        to_come = self.to_come(now)
        chosen = [each for each in to_come if each.takes_place] or to_come or list(self)[-1:]
        return chosen[0] if chosen else None

    def is_over(self, now):
        return bool(self.performances) and not self.to_come(now)


def read_schedule(page):
    """In one query, with the venues."""
    return Schedule(tuple(page.performances.select_related("venue", "former_venue")) if page.pk else ())
