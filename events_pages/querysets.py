"""Querysets of events and of their dates."""

from datetime import timedelta

from django.db.models import Case, Manager, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from wagtail.images import get_image_model
from wagtail.models import PageManager, PageQuerySet

from events_pages.enums import NOT_TAKING_PLACE, PerformanceStatus
from events_pages.public import restrictions
from events_pages.public.renditions import CARD

ONE_DAY = timedelta(days=1)


class EventQuerySet(PageQuerySet):
    def public(self):
        return restrictions.public_pages(self)

    def in_category(self, slug):
        return self.filter(categories__slug=slug)

    def by_organiser(self, pk):
        return self.filter(organiser=pk)

    def for_feeds(self):
        """A fixed number of queries; without what stands on the page alone."""
        rows = self.defer_streamfields().defer("search_words", "access_notes")
        return rows.select_related("venue").prefetch_related("categories")

    def for_cards(self, *more_sizes):
        """A fixed number of queries.

        A size that the template asks for and that is not named here is drawn anew each time.
        """
        posters = get_image_model().objects.prefetch_renditions(CARD, *more_sizes)
        return (
            self.defer_streamfields()
            .defer("search_words")
            .select_related("venue")
            .prefetch_related(Prefetch("poster", posters))
        )


EventManager = PageManager.from_queryset(EventQuerySet)


class PerformanceQuerySet(QuerySet):
    def of_pages(self, pages):
        return self.filter(page__in=pages.order_by().values("pk"))

    def in_parish(self, parish):
        """By lists of keys, not by joins: so PostgreSQL looks at the parish before it looks up other dates."""
        venue, page = (self.model._meta.get_field(name).related_model.objects for name in ("venue", "page"))
        of_page = page.filter(venue__parish=parish).order_by().values("pk")
        return self.filter(Q(venue__in=venue.filter(parish=parish).values("pk")) | Q(venue=None, page__in=of_page))

    def at_venue(self, pk):
        return self.filter(is_at_venue(pk))

    def with_access_notes(self):
        """About the event, or about where it is on that date."""
        of_venue = Q(venue__access_notes__gt="") | Q(venue=None, page__venue__access_notes__gt="")
        return self.filter(Q(page__access_notes__gt="") | of_venue)

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

    def first_of_each_event(self, among):
        """One per event: its first that takes place, else its first at all, of those `among` which it is looked for.

        These rows must be of those: not asked for again, because PostgreSQL would expect fewer rows for the same
        condition twice, and sort them all rather than follow an index until enough are found.
        """
        return self._best_of_each_event(among, sooner="lt")

    def last_of_each_event(self, among):
        return self._best_of_each_event(among, sooner="gt")

    def wholly_over(self, now):
        """Of events with no date to come, and none that waits for a new one."""
        of_page = self.model.objects.filter(page=OuterRef("page"))
        to_come, waiting = of_page.filter(ends_at__gt=now), of_page.filter(status=PerformanceStatus.POSTPONED)
        return self.without(to_come).without(waiting)

    def waiting_at(self, moment):
        """Those that were postponed, whose old date is over by then."""
        return self.filter(status=PerformanceStatus.POSTPONED, ends_at__lte=moment)

    def _best_of_each_event(self, among, *, sooner):
        rank = Case(When(status__in=NOT_TAKING_PLACE, then=1), default=0)
        same_rank = Q(rank=OuterRef("rank"))
        better = (
            Q(rank__lt=OuterRef("rank"))
            | same_rank & Q(**{f"starts_at__{sooner}": OuterRef("starts_at")})
            | same_rank & Q(starts_at=OuterRef("starts_at"), **{f"pk__{sooner}": OuterRef("pk")})
        )
        others = among.annotate(rank=rank).filter(page=OuterRef("page")).filter(better)
        return self.annotate(rank=rank).without(others)

    def without(self, others):
        """Those for which there is none of the `others`, a queryset with an OuterRef.

        A value, looked up row by row: NOT EXISTS becomes a join, for which PostgreSQL reads the whole table. And by
        “less than”: of “is null” it expects next to none, and sorts them all rather than follow an index.
        """
        found = Coalesce(Subquery(others.order_by().values("pk")[:1]), 0)
        return self.filter(LessThan(found, 1))


def is_in_parish(parish):
    return Q(venue__parish=parish) | Q(venue=None, page__venue__parish=parish)


def is_at_venue(venue):
    """A date has a venue of its own, or that of its page."""
    return Q(venue=venue) | Q(venue=None, page__venue=venue)


PerformanceManager = Manager.from_queryset(PerformanceQuerySet)
