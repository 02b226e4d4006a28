"""The lists of events: each event once, at its next date of those asked for, or at its last in the archive.

No list reads a table from end to end. What goes on when the range begins comes first, for days before for hours, then
what begins later: each part is read from an index in its order, and reading stops at MOST_LISTED.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db.models import Case, Count, OuterRef, Q, When

from events_pages.enums import NOT_TAKING_PLACE
from events_pages.models.performances import Performance

MOST_LISTED = 240


@dataclass
class EventList:
    """Sliced by a paginator; gives event pages ready for cards, each with `shown`, its date here, and `more_dates`, how
    many others take place. `parts` are querysets of performances, one after the other; `counted` is which dates count
    as more; `sizes` are those of posters, besides the card's."""

    pages: object
    parts: list
    counted: Q = field(default_factory=Q)
    sizes: tuple = ()
    is_range: bool = False
    """Of some days, so that an event may be at another date than its next."""

    @cached_property
    def ids(self):
        found = []
        for part in self.parts:
            found += part.values_list("pk", flat=True)[: MOST_LISTED + 1 - len(found)]
        return found

    @property
    def has_more(self):
        return len(self.ids) > MOST_LISTED

    def __len__(self):
        return min(len(self.ids), MOST_LISTED)

    def __getitem__(self, wanted):
        ids = self.ids[:MOST_LISTED][wanted]
        rows = Performance.objects.select_related("venue").in_bulk(ids)
        return self.attach_to_pages([rows[pk] for pk in ids if pk in rows])

    def spelt(self, query):
        """Of this list what has all words of it, those that have them as whole words first."""
        return self.narrow(Q(page__search_words__spelt=query.as_typed), best=Q(page__search_words__spelt=query.exactly))

    def meant(self, pages, query, near):
        return self.narrow(Q(page__in=pages.order_by().values("pk"), page__search_words__spelt=query.as_meant(near)))

    def narrow(self, found, *, best=None):
        parts = [part.filter(found) for part in self.parts]
        if best is not None:
            whole = Case(When(best, then=0), default=1)
            parts = [part.order_by(whole, *part.query.order_by) for part in parts]
        return replace(self, parts=parts)

    def listed_pages(self):
        listed = Q(pk__in=[])
        for part in self.parts:
            listed |= Q(pk__in=part.order_by().values("page"))
        return self.pages.filter(listed)

    def attach_to_pages(self, performances):
        pages = self.pages.model.objects.for_cards(*self.sizes).in_bulk([each.page_id for each in performances])
        counted = Performance.objects.filter(self.counted, page__in=pages).exclude(status__in=NOT_TAKING_PLACE)
        numbers = dict(counted.order_by().values_list("page").annotate(Count("pk")))
        for each in performances:
            page = each.page = pages[each.page_id]
            page.shown, page.more_dates = each, numbers.get(page.pk, 0) - each.takes_place
            page.leads_to_date = self.is_range
        return [each.page for each in performances]


def list_upcoming(pages, start, end=None, *, within=None, sizes=()):
    """Of these pages what goes on at `start` (aware) or begins later, before `end`; `within` narrows the dates."""
    dates = Q(ends_at__gt=start) & (Q(starts_at__lt=end) if end else Q())
    rows = within if within is not None else Performance.objects.all()
    first = rows.of_pages(pages).first_of_each_event(rows.filter(dates))
    parts = [first.long_at(start), *in_order(first.short_at(start), first.between(start, end))]
    if end is None:
        parts += in_order(find_waiting(rows, pages, start, dates))
    return EventList(pages, parts, dates, sizes, is_range=end is not None)


def find_waiting(rows, pages, moment, dates):
    """Events of which nothing is left but a date that waits for a new one: they come last."""
    waiting = rows.waiting_at(moment)
    others = Performance.objects.filter(dates, page=OuterRef("page"))
    return waiting.of_pages(pages).without(others).last_of_each_event(waiting)


def list_days(pages, start, end, *, within=None):
    """Of these pages what is on between two midnights, over or not. An evening that ends after midnight is the day
    before alone; what lasts over a day is on its every day."""
    begun = Q(is_long=True, starts_at__lt=start, ends_at__gt=start)
    dates = begun | Q(starts_at__gte=start, starts_at__lt=end)
    rows = within if within is not None else Performance.objects.all()
    first = rows.of_pages(pages).first_of_each_event(rows.filter(dates))
    return EventList(pages, [first.long_at(start), *in_order(first.between(start, end))], dates, is_range=True)


def in_order(*parts):
    return [part.order_by("starts_at", "pk") for part in parts]


def list_past(pages, now, start=None, end=None, *, within=None):
    """Events that are wholly over, the last first, each at its last date."""
    dates = Q(starts_at__lte=now)
    if start:
        dates &= Q(ends_at__gt=start, starts_at__lt=end)
    rows = within if within is not None else Performance.objects.all()
    last = rows.of_pages(pages).filter(dates).wholly_over(now).last_of_each_event(rows.filter(dates))
    last = last.order_by("-starts_at", "-pk")
    return EventList(pages, [last], dates, is_range=start is not None)
