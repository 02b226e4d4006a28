"""Dates by a rule: what each of them would be and what it meets, and making those that are chosen, all or none."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events_pages.dates import edits
from events_pages.dates.island_clock import shift_moment, to_island_clock
from events_pages.dates.series import SeriesRule, generate_days, list_series_starts
from events_pages.models import Performance, Venue
from ticketing.domain.dates.copies import copy_sales_to_dates
from ticketing.domain.dates.planned_dates import plan_dates
from ticketing.domain.errors import TicketingError

logger = logging.getLogger(__name__)


class DatesOutdated(TicketingError):
    default = _("These dates are not the same any more, so none was made. Please look again.")


@dataclass(frozen=True)
class Series:
    """A rule and its first date, whose distances the others keep by the island's clock. `ends_at` None: nobody said."""

    rule: SeriesRule
    starts_at: datetime
    ends_at: datetime | None = None
    doors_at: datetime | None = None
    name: str = ""
    venue: Venue | None = None

    def list_dates(self, page):
        """Performances that are not saved. Raises ImpossibleSeries."""
        return [self.build_date(page, start) for start in list_series_starts(self.rule, self.starts_at)]

    def build_date(self, page, start):
        moved = {"start": self.starts_at, "to": start}
        made = Performance(page=page, name=self.name, venue=self.venue, starts_at=start)
        made.ends_at, made.doors_at = shift_moment(self.ends_at, **moved), shift_moment(self.doors_at, **moved)
        made.complete_times()
        return made

    @cached_property
    def needless_days(self):
        """Left out, and no date of the rule anyway: perhaps mistyped. In order."""
        if not self.rule.left_out:
            return []
        whole = replace(self.rule, left_out=frozenset(), count=None, until=self.rule.until or max(self.rule.left_out))
        days = set(generate_days(whole, to_island_clock(self.starts_at).date()))
        return sorted(self.rule.left_out - days)


def plan_series(page, series):
    """The PlannedDates of a series, in order, in five statements. Raises ImpossibleSeries."""
    return plan_dates(page, series.list_dates(page))


@transaction.atomic
def add_series(page, series, chosen, *, tickets_of=None, is_active=None, by=None):
    """The new Performances of those dates whose keys are `chosen`, in order; with the tickets of another date, which
    sell as `copy_sales_to_dates` takes it.

    Raises DatesOutdated when one of them is no date of the series, or is there by now.
    """
    edits.lock_dates(page)
    planned = {each.key: each.performance for each in plan_series(page, series) if not each.is_there}
    if not chosen or not set(chosen) <= set(planned):
        raise DatesOutdated()
    made = edits.add_performances(page, [each for key, each in planned.items() if key in chosen], by=by)
    if tickets_of:
        copy_sales_to_dates([(tickets_of, each) for each in made], is_active=is_active, by=by)
    logger.info("dates.series page=%d dates=%d", page.pk, len(made))
    return made
