"""When and where tickets admit, as of today and in words, and what of it differs from what somebody was told before."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.text.direction import isolate_text
from events_pages.dates.island_clock import to_island_clock
from events_pages.dates.schedule import Schedule
from events_pages.dates.wording import describe_dates, format_time
from events_pages.enums import PerformanceStatus
from events_pages.models import Performance
from events_pages.models.performances import EARLIEST_DOORS
from ticketing.models import EventSale


@dataclass(frozen=True)
class SaleDate:
    """The date of a sale, or the dates of a pass, at `now`.

    `told_start` and `told_place` are what somebody was told before: when they bought, or took the seats; None and ""
    where nobody was told anything. Of a pass nothing is compared: each of its dates says what became of it.
    """

    sale: EventSale
    now: datetime
    told_start: datetime | None = None
    told_place: str = ""

    @property
    def is_pass(self):
        return self.sale.is_pass

    @property
    def performance(self):
        return None if self.is_pass else self.sale.schedule.first

    @cached_property
    def status(self):
        return self.sale.status

    @property
    def is_called_off(self):
        return self.status == PerformanceStatus.CANCELLED

    @property
    def is_postponed(self):
        return self.status == PerformanceStatus.POSTPONED

    @property
    def takes_place(self):
        return not (self.is_called_off or self.is_postponed)

    @property
    def is_online(self):
        return not self.is_pass and self.performance.is_online

    @property
    def link(self):
        return self.performance.link if self.is_online else ""

    @cached_property
    def note(self):
        """Why, as the organiser wrote it; of a pass only what is said of all its dates alike."""
        notes = {each.status_note for each in self.sale.schedule}
        return notes.pop() if len(notes) == 1 else ""

    @property
    def starts_at(self):
        return self.sale.starts_at

    @cached_property
    def when(self):
        """“Sat 3 July 2027, 19:30”, of a pass “Fri 2 – Sun 4 July 2027”; of what is called off the date that it had."""
        if self.is_pass:
            return capfirst(describe_dates(self.sale.schedule, self.now, always_year=True)) or _("All dates")
        if self.is_postponed:
            return _("New date not known yet")
        return name_start_and_end(self.performance)

    @property
    def day(self):
        return self.when if self.is_pass else format_day(self.starts_at)

    @property
    def doors(self):
        """“19:00”; "" where nobody said it, nobody comes, or they stayed behind when the start was moved."""
        doors_at = self.sale.doors_at
        if not doors_at or not self.takes_place or self.starts_at - doors_at > EARLIEST_DOORS:
            return ""
        return format_time(doors_at)

    @property
    def place(self):
        return self.sale.place

    @cached_property
    def was_when(self):
        if self.is_pass or self.is_called_off:
            return ""
        before = self.told_start or self.starts_at
        if before == self.starts_at and not self.is_postponed:
            return ""
        return format_moment(before, today=self.starts_at)

    @cached_property
    def was_place(self):
        moved = self.told_place and self.told_place != self.place
        return self.told_place if moved and not self.is_pass and not self.is_called_off else ""

    @property
    def is_moved(self):
        return bool(self.was_when or self.was_place) and not self.is_postponed

    @property
    def when_words(self):
        """`when` with what became of it, for one line: “Now Sat 10 July 2027, 20:00 (it was Fri 9 July, 19:30)”."""
        if self.is_called_off:
            return _("Called off: %(when)s") % {"when": self.when}
        if self.is_postponed:
            was = {"when": self.was_when}
            return _("Postponed, the new date is not known yet (it was %(when)s)") % was if self.was_when else self.when
        if self.was_when:
            return _("Now %(when)s (it was %(before)s)") % {"when": self.when, "before": self.was_when}
        return self.when

    @property
    def place_words(self):
        place = isolate_text(self.place)
        if self.was_place:
            return _("%(place)s (it was %(before)s)") % {"place": place, "before": isolate_text(self.was_place)}
        return place

    @property
    def has_news(self):
        return self.is_moved or not self.takes_place or self.is_online or bool(self.changed_dates)

    @property
    def called_off_dates(self):
        gone = [each for each in self.changed_dates if each.status == PerformanceStatus.CANCELLED]
        return [name_start_and_end(each) for each in gone]

    @cached_property
    def changed_dates(self):
        """Of a pass, those that are not as they were planned, while any takes place."""
        if not self.is_pass or not self.takes_place:
            return []
        changed = [each for each in self.sale.schedule if each.has_news or each.former_starts_at]
        return [each for each in changed if not each.is_over(self.now)]

    def tell_news(self, title):
        """Sentences about what changed for who has tickets to the event of this title, the first as a heading."""
        title = isolate_text(title)
        if self.is_called_off:
            told = [_("%(title)s is called off: %(when)s") % {"title": title, "when": self.when}]
        elif self.is_postponed:
            told = self._tell_postponed(title)
        elif self.changed_dates and len(self.called_off_dates) < len(self.changed_dates):
            told = [_("Some dates of %(title)s have changed") % {"title": title}]
            told += ["; ".join(name_date_of_pass(each) for each in self.changed_dates)]
        elif self.called_off_dates:
            told = [_("Some dates of %(title)s are called off") % {"title": title}, "; ".join(self.called_off_dates)]
            told += [_("Your pass is valid at the others.")]
        else:
            changed = _("%(title)s takes place online") if self.is_online else _("%(title)s has changed")
            told = [changed % {"title": title}]
            told += [self.when_words] if self.was_when else []
            told += [self.place_words] if self.was_place else []
        return [*told, self.note] if self.note else told

    def _tell_postponed(self, title):
        told = [_("%(title)s is postponed") % {"title": title}]
        told += [_("It was to be %(before)s.") % {"before": self.was_when}] if self.was_when else []
        return [*told, _("The new date is not known yet.")]

    @property
    def dates(self):
        return [(each, name_date_of_pass(each)) for each in self.sale.schedule] if self.is_pass else []


def load_pass_schedules(sales):
    """The dates of all passes among them in one statement, and in none where there is no pass. Pages must be loaded."""
    passes = [sale for sale in sales if sale.is_pass and "schedule" not in sale.page.__dict__]
    if not passes:
        return
    found = defaultdict(list)
    for each in Performance.objects.filter(page__in={sale.page_id for sale in passes}).select_related("venue"):
        found[each.page_id].append(each)
    for sale in passes:
        for each in found[sale.page_id]:
            each.page = sale.page
        sale.page.schedule = Schedule(tuple(found[sale.page_id]))


def load_dates_of_passes(sales):
    """Their dates, and the sales of those in which they take a seat, for what is left: two statements at most."""
    load_pass_schedules(sales)
    passes = [sale for sale in sales if sale.is_pass and sale.takes_date_seats]
    if not passes:
        return
    found = defaultdict(list)
    for each in EventSale.objects.filter(page__in={sale.page_id for sale in passes}, performance__isnull=False):
        found[each.page_id].append(each)
    for sale in passes:
        sale.date_sales = found[sale.page_id]


def attach_date_words(sales, now):
    """Gives each sale its `date_words` for lists and accounts: “Sat 3 July 2027, 19:30 (Matinee)”, with “called off”
    where it is. One statement where there are passes, and none without."""
    load_pass_schedules(sales)
    for sale in sales:
        words = SaleDate(sale, now).when_words
        sale.date_words = f"{words} ({isolate_text(sale.date_name)})" if sale.date_name else words


def name_start_and_end(performance):
    """“Sat 3 July 2027, 19:30”; of what lasts over a day also when it ends, where somebody said it."""
    start = format_moment(performance.starts_at)
    if performance.is_long and performance.said_end:
        return _("%(start)s – %(end)s") % {"start": start, "end": format_moment(performance.said_end)}
    return start


def name_date_of_pass(performance):
    when = name_start_and_end(performance)
    when = f"{when}, {isolate_text(performance.name)}" if performance.name else when
    when = f"{when}, {isolate_text(performance.place)}" if performance.venue_id or performance.is_online else when
    when = f"{when}, {performance.link}" if performance.is_online and performance.link else when
    if performance.status == PerformanceStatus.CANCELLED:
        return _("%(when)s: called off") % {"when": when}
    if performance.status == PerformanceStatus.POSTPONED:
        return _("%(when)s: postponed, the new date is not known yet") % {"when": when}
    if performance.former_starts_at:
        before = format_moment(performance.former_starts_at, today=performance.starts_at)
        return _("%(when)s (it was %(before)s)") % {"when": when, "before": before}
    return when


def format_moment(moment, *, today=None):
    """“Sat 3 July 2027, 19:30”, without the year where it is that of `today`."""
    local = to_island_clock(moment)
    is_same_year = today is not None and to_island_clock(today).year == local.year
    return date_format(local, "D j F, H:i" if is_same_year else "D j F Y, H:i")


def format_day(moment):
    return date_format(to_island_clock(moment), "D j F")
