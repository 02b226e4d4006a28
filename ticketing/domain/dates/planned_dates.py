"""What dates that are not made yet would meet: public holidays, their page's own dates, other events at the venue."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC

from events_pages.dates.clashes import find_venue_clashes
from events_pages.dates.holidays import list_public_holidays
from events_pages.dates.island_clock import to_island_clock
from events_pages.models import Performance


@dataclass(frozen=True)
class PlannedDate:
    """`own` are dates of the page that go on at the same time, `others` those of other public events at its venue."""

    performance: Performance
    holiday: str = ""
    own: tuple = ()
    others: tuple = ()

    @property
    def key(self):
        return f"{self.performance.starts_at.astimezone(UTC):%Y%m%dT%H%MZ}"

    @property
    def is_there(self):
        """The page has this very date already."""
        made = self.performance
        return any(
            (each.starts_at, each.name, each.venue_id) == (made.starts_at, made.name, made.venue_id)
            for each in self.own
        )


def plan_dates(page, dates):
    """The PlannedDates of Performances of the page that are not saved, in order."""
    if not dates:
        return []
    days = [to_island_clock(each.starts_at).date() for each in dates]
    holidays, others = list_public_holidays(min(days), max(days)), find_others(page, dates)
    return [
        PlannedDate(
            performance=each,
            holiday=holidays.get(day, ""),
            own=tuple(find_own_dates(page, each)),
            others=tuple(others.get((each.own_venue, each.starts_at), ())),
        )
        for day, each in zip(days, dates, strict=True)
    ]


def find_others(page, dates):
    """{(venue, start): Performances of other pages}"""
    times = defaultdict(list)
    for each in dates:
        times[each.own_venue].append((each.starts_at, each.ends_at))
    return {
        (venue, start): found
        for venue, of_venue in times.items()
        for start, found in find_venue_clashes(sorted(of_venue), venue, except_page=page.pk).items()
    }


def find_own_dates(page, made):
    return (each for each in page.schedule if each.starts_at < made.ends_at and each.ends_at > made.starts_at)
