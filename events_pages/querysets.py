"""Querysets of events and of their dates."""

from datetime import timedelta

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    Manager,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan, LessThan
from wagtail.models import PageManager, PageQuerySet

from common.statements import among  # noqa: F401 - registers the lookup
from events_pages.enums import NOT_TAKING_PLACE, PerformanceStatus
from events_pages.public import restrictions

ONE_DAY = timedelta(days=1)
FOLLOWING = [f"following_{number}" for number in range(5)]
"""Dates of one event whose sales a card looks at: a weekly market has a hundred and fifty."""
PLACED_BY = {"venue", "venue_id", "page", "page_id"}
"""Columns of a date that say where it is."""


class EventQuerySet(PageQuerySet):
    def update(self, **values):
        """Copies of places in the dates follow."""
        moved = {"venue", "venue_id", "access_notes"} & values.keys() and list(
            self.order_by().values_list("pk", flat=True)
        )
        count = super().update(**values)
        if moved:
            self.model.performances.rel.related_model.objects.filter(page__in=moved).copy_places()
        return count

    def public(self):
        return restrictions.public_pages(self)

    def in_category(self, slug):
        """The category is a value, so that it is looked up once and not for each page."""
        kind = self.model.categories.rel.model.objects.order_by().filter(slug=slug)
        return self.filter(categories=Subquery(kind.values("pk")[:1]))

    def by_organiser(self, pk):
        return self.filter(organiser=pk)

    def for_feeds(self):
        """A fixed number of queries; without what stands on the page alone."""
        rows = self.defer_streamfields().defer("search_words", "access_notes")
        return rows.select_related("venue").prefetch_related("categories")


EventManager = PageManager.from_queryset(EventQuerySet)


class PerformanceQuerySet(QuerySet):
    def of_pages(self, pages):
        return self.filter(page__in=pages.order_by().values("pk"))

    def of_frequent(self, pages):
        """Those of many pages, read in the order of an index: each page is looked up as a value, because PostgreSQL
        would rather join the tables and sort."""
        there = pages.order_by().filter(pk=OuterRef("page")).values("pk")[:1]
        return self.filter(GreaterThan(Coalesce(Subquery(there, output_field=BigIntegerField()), 0), 0))

    def for_cards(self):
        """With their pages and venues; without what stands on the page alone."""
        return self.select_related("venue", "page__venue").defer("page__body", "page__search_words")

    def with_next_dates(self):
        """Each with the ids of its event's dates from itself on, in FOLLOWING; an index finds each."""
        of_page = self.model.objects.filter(page=OuterRef("page"), ends_at__gte=OuterRef("ends_at"))
        next_ones = of_page.order_by("ends_at").values("pk")
        return self.annotate(**{name: Subquery(next_ones[n : n + 1]) for n, name in enumerate(FOLLOWING)})

    def in_parish(self, parish):
        return self.filter(parish=parish)

    def at_venue(self, pk):
        return self.filter(held_at=pk)

    def with_access_notes(self):
        """About the event, or about where it is on that date."""
        return self.filter(has_access_notes=True)

    def update(self, **values):
        """Places follow, also those that `bulk_update` writes."""
        moved = PLACED_BY & values.keys() and list(self.order_by().values_list("pk", flat=True))
        count = super().update(**values)
        if moved:
            self.model.objects.filter(pk__in=moved).copy_places()
        return count

    def bulk_create(self, rows, *args, **kwargs):
        made = super().bulk_create(rows, *args, **kwargs)
        self.model.objects.filter(pk__in=[each.pk for each in made]).copy_places()
        return made

    def copy_places(self):
        """Where each date is and whether something is told of access, from its page and venues: in one statement."""
        return super().update(**find_places(self.model))

    def misplaced(self):
        """Those whose copies are not what pages and venues say: older code wrote them while a release went out."""
        said = find_places(self.model)
        told = self.annotate(**{f"said_{name}": value for name, value in said.items()})
        at, said_at = Coalesce("held_at", 0), Coalesce("said_held_at", 0)
        same = Q(Exact(at, said_at), parish=F("said_parish"), has_access_notes=F("said_has_access_notes"))
        return told.exclude(same)

    def called_off_between(self, start, end):
        """Those that would have been over by then: called off, or waiting for a new date."""
        return self.filter(status__in=NOT_TAKING_PLACE, ends_at__gt=start, ends_at__lte=end)

    def overlapping(self, start, end):
        """Those that go on at some moment after `start` and before `end`; long ones by their own index."""
        within = Q(starts_at__lt=end, ends_at__gt=start)
        return self.filter(within & Q(is_long=True) | within & Q(starts_at__gt=start - ONE_DAY))

    def long_at(self, moment):
        """Those over a day long that began before and go on then, in the order of their ends, as their own index is."""
        return self.filter(is_long=True, starts_at__lt=moment, ends_at__gt=moment).order_by("ends_at", "pk")

    def short_at(self, moment):
        """The others that began before and go on then: within the last day."""
        return self.filter(is_long=False, starts_at__gte=moment - ONE_DAY, starts_at__lt=moment, ends_at__gt=moment)

    def between(self, start, end):
        """Those that begin at `start` or later, and before `end`; None is no end."""
        found = self.filter(starts_at__gte=start)
        return found.filter(starts_at__lt=end) if end else found

    def wholly_over(self, now):
        """Of events with no date to come, and none that waits for a new one."""
        of_page = self.model.objects.filter(page=OuterRef("page"))
        to_come, waiting = of_page.filter(ends_at__gt=now), of_page.filter(status=PerformanceStatus.POSTPONED)
        return self.without(to_come).without(waiting)

    def waiting_at(self, moment):
        """Those that were postponed, whose old date is over by then."""
        return self.filter(status=PerformanceStatus.POSTPONED, ends_at__lte=moment)

    def without(self, others):
        """Those for which there is none of the `others`, a queryset with an OuterRef.

        A value, looked up row by row: NOT EXISTS becomes a join, for which PostgreSQL reads the whole table. And by
        “less than”: of “is null” it expects next to none, and sorts them all rather than follow an index.
        """
        found = Coalesce(Subquery(others.order_by().values("pk")[:1]), 0)
        return self.filter(LessThan(found, 1))


def find_places(dates):
    """{column of these dates: what their pages and venues say}: where each is held, the parish, and notes on access."""
    venues, pages = (dates._meta.get_field(name).related_model.objects.order_by() for name in ("venue", "page"))
    own, page = venues.filter(pk=OuterRef("venue")), pages.filter(pk=OuterRef("page"))
    there = Q(Exists(own.filter(access_notes__gt=""))) | Q(Exists(page.filter(venue__access_notes__gt="")), venue=None)
    is_told = Q(Exists(page.filter(access_notes__gt=""))) | there
    return {
        "held_at": Coalesce("venue", Subquery(page.values("venue")[:1]), output_field=BigIntegerField()),
        "parish": Coalesce(Subquery(own.values("parish")[:1]), Subquery(page.values("venue__parish")[:1]), Value("")),
        "has_access_notes": Case(When(is_told, then=True), default=False),
    }


def is_in_parish(parish):
    return Q(venue__parish=parish) | Q(venue=None, page__venue__parish=parish)


def is_at_venue(venue):
    """A date has a venue of its own, or that of its page."""
    return Q(venue=venue) | Q(venue=None, page__venue=venue)


PerformanceManager = Manager.from_queryset(PerformanceQuerySet)
