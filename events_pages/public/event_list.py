"""The lists of events: each event once, at its next date of those asked for, or at its last in the archive.

No list reads a table from end to end. Dates are read in the order of an index, those that go on when the range begins
before those that begin later, and of each event the best is kept; reading stops when MOST_LISTED events are found.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db.models import Case, Count, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from events_pages.enums import NOT_TAKING_PLACE
from events_pages.models.performances import Performance
from events_pages.public.renditions import CARD, attach_posters
from events_pages.querysets import ONE_DAY

MOST_LISTED = 240
CHUNK = 600
"""Dates that are read at once; each next time twice as many."""
MOST_PAGES = 1500
"""Of so many events dates are looked up by their pages; of more, in their order. At 10,000 events either way costs the
same there."""
FORWARD, BACKWARD = ("starts_at", "pk"), ("-starts_at", "-pk")


@dataclass
class EventList:
    """Sliced by a paginator; gives event pages ready for cards, each with `shown`, its date here, `next_dates`, ids of
    that and the following ones, and `more_dates`, how many others take place. `rows` are performances, `parts` the
    [(Q, order)] by which they are read, one after the other; `counted` is which dates count as more; `sizes` are those
    of posters, besides the card's."""

    pages: object
    rows: object
    parts: list
    counted: Q = field(default_factory=Q)
    sizes: tuple = ()
    is_range: bool = False
    """Of some days, so that an event may be at another date than its next."""
    waiting_at: object = None
    """At this moment (aware) events of which nothing is left but a date that waits for a new one come last."""
    is_archive: bool = False
    is_of_few: bool = False
    """The pages may be few, so that they are looked up first."""
    terms: tuple = (None,)
    """What words the pages must have, best first; None is any."""

    @cached_property
    def found(self):
        """{id of the page: id of its date}, in order."""
        if len(self.terms) == 1:
            return self.find_by(self.terms, MOST_LISTED + 1)
        if (few := self.rank_few_pages(self.terms)) is not None:
            found = self.find(self.rows.filter(page__among=few), len(few) + 1)
            return dict(sorted(found.items(), key=lambda item: few[item[0]]))
        found = {}
        for term in self.terms:
            for page, date in self.find_by([term], MOST_LISTED + 1 - len(found)).items():
                found.setdefault(page, date)
            if len(found) > MOST_LISTED:
                break
        return found

    def find_by(self, terms, most):
        if not self.is_of_few and terms[0] is None:
            return self.find(self.rows.of_pages(self.pages), most)
        if (few := self.rank_few_pages(terms)) is not None:
            return self.find(self.rows.filter(page__among=few), most)
        return self.find(self.rows.of_frequent(self.pages_with(terms[0])), most)

    def rank_few_pages(self, terms):
        """{id of the page: number of its first term}, None of more than MOST_PAGES. The last finds what all do."""
        best = [When(search_words__spelt=term, then=rank) for rank, term in enumerate(terms[:-1])]
        rank = Case(*best, default=len(best), output_field=IntegerField())
        ranks = dict(self.pages_with(terms[-1]).order_by().values_list("pk", rank)[: MOST_PAGES + 1])
        return ranks if len(ranks) <= MOST_PAGES else None

    @cached_property
    def ids(self):
        return list(self.found.values())[: MOST_LISTED + 1]

    @property
    def has_more(self):
        return len(self.ids) > MOST_LISTED

    def __len__(self):
        return min(len(self.ids), MOST_LISTED)

    def __getitem__(self, wanted):
        ids = self.ids[:MOST_LISTED][wanted]
        dates = self.load_dates(ids) if ids else {}
        pages = [self.attach_to_page(dates[pk]) for pk in ids if pk in dates]
        attach_posters(pages, CARD, *self.sizes)
        return pages

    def load_dates(self, ids):
        others = Performance.objects.filter(self.counted, page=OuterRef("page")).exclude(status__in=NOT_TAKING_PLACE)
        number = others.order_by().values("page").annotate(number=Count("pk")).values("number")
        rows = Performance.objects.for_cards().with_next_dates()
        return rows.annotate(number=Coalesce(Subquery(number), 0)).in_bulk(ids)

    def attach_to_page(self, date):
        page = date.page
        page.shown, page.more_dates, page.leads_to_date = date, date.number - date.takes_place, self.is_range
        page.next_dates = date.list_next_dates()
        return page

    def spelt(self, query):
        """Of this list what has all words of it, those that have them as whole words first."""
        return replace(self, terms=(query.exactly, query.as_typed))

    def meant(self, pages, query, near):
        return replace(self, pages=pages, terms=(query.as_meant(near),))

    def pages_with(self, term):
        return self.pages if term is None else self.pages.filter(search_words__spelt=term)

    def listed_pages(self):
        """Those that have a date in this list."""
        dates = self.rows.filter(self.counted).filter(page=OuterRef("pk")).order_by().values("pk")[:1]
        return self.pages.filter(GreaterThan(Coalesce(Subquery(dates), 0), 0))

    def find(self, rows, most):
        """{id of the page: id of its date} of `most` of them or a few more, where there are so many."""
        reading = Reading(rows.filter(self.counted), is_backwards=self.is_archive)
        for part, order in self.parts:
            if reading.read(rows.filter(part).order_by(*order), most):
                return reading.listed
        return reading.listed | (find_waiting(rows, self.waiting_at, self.counted) if self.waiting_at else {})


class Reading:
    """Keeps the best date of each event while dates are read in order: the first that takes place, else the first; read
    backwards, the last. `among` are all dates that may be better."""

    def __init__(self, among, *, is_backwards=False):
        self.among, self.sign = among, -1 if is_backwards else 1
        self.best, self.count = {}, 0  # {page: (rank, place in the list, id of the date)}

    @property
    def listed(self):
        ordered = sorted(self.best.items(), key=lambda item: item[1][1])
        return {page: date for page, (_rank, _place, date) in ordered}

    def read(self, rows, most):
        """Whether `most` events are found before the rows end."""
        start, size = 0, CHUNK
        rows = rows.values_list("pk", "page", "status", "starts_at")
        while chunk := list(rows[start : start + size]):
            for each in chunk:
                self.note(*each)
            if len(self.best) >= most and self.has_enough(most):
                return True
            if len(chunk) < size:
                return False
            start, size = start + size, size * 2
        return False

    def note(self, date, page, status, starts_at):
        self.count += 1
        rank = (status in NOT_TAKING_PLACE, self.sign * starts_at.timestamp(), self.sign * date)
        if page not in self.best or rank < self.best[page][0]:
            self.best[page] = (rank, self.count, date)

    def has_enough(self, most):
        """Without events that stand here with a date that does not take place, while a later one does."""
        off = [page for page, (rank, _place, _date) in self.best.items() if rank[0]]
        if off:
            later = self.among.filter(page__among=off).exclude(status__in=NOT_TAKING_PLACE)
            for page in set(later.order_by().values_list("page", flat=True)):
                del self.best[page]
        return len(self.best) >= most


def list_upcoming(pages, start, end=None, *, within=None, sizes=(), is_of_few=False):
    """Of these pages what goes on at `start` (aware) or begins later, before `end`; `within` narrows the dates."""
    dates = Q(ends_at__gt=start) & (Q(starts_at__lt=end) if end else Q())
    begun = Q(is_long=True, starts_at__lt=start)
    others = Q(starts_at__gte=start - ONE_DAY) & (Q(starts_at__gte=start) | Q(is_long=False))
    return EventList(
        pages,
        all_dates(within),
        [(dates & begun, ("ends_at", "pk")), (dates & others, FORWARD)],
        dates,
        sizes,
        is_range=end is not None,
        waiting_at=start if end is None else None,
        is_of_few=is_of_few,
    )


def all_dates(within):
    return within if within is not None else Performance.objects.all()


def find_waiting(rows, moment, dates):
    """Events of which nothing is left but a date that waits for a new one, in the order of these dates."""
    waiting, last = rows.waiting_at(moment).order_by(*BACKWARD).values_list("page", "pk"), {}
    for page, date in waiting[:CHUNK]:
        last.setdefault(page, date)
    with_others = Performance.objects.filter(dates, page__in=last).order_by() if last else Performance.objects.none()
    for page in set(with_others.values_list("page", flat=True)):
        del last[page]
    return dict(reversed(last.items()))


def list_days(pages, start, end, *, within=None, is_of_few=False):
    """Of these pages what is on between two midnights, over or not. An evening that ends after midnight is the day
    before alone; what lasts over a day is on its every day."""
    begun = Q(is_long=True, starts_at__lt=start, ends_at__gt=start)
    begins = Q(starts_at__gte=start, starts_at__lt=end)
    parts = [(begun, ("ends_at", "pk")), (begins, FORWARD)]
    return EventList(pages, all_dates(within), parts, begun | begins, is_range=True, is_of_few=is_of_few)


def list_past(pages, now, start=None, end=None, *, within=None, is_of_few=False):
    """Events that are wholly over, the last first, each at its last date."""
    dates = Q(starts_at__lte=now)
    parts = [(dates, BACKWARD)]
    if start:
        dates &= Q(ends_at__gt=start, starts_at__lt=end)
        is_late = Q(starts_at__gt=start - ONE_DAY)
        parts = [(dates & is_late, BACKWARD), (dates & ~is_late & Q(is_long=True), BACKWARD)]
    rows = all_dates(within).wholly_over(now)
    return EventList(pages, rows, parts, dates, is_range=start is not None, is_archive=True, is_of_few=is_of_few)
