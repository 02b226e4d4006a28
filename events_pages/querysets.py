"""Querysets of events."""

from datetime import timedelta

from django.db.models import Case, Prefetch, Q, When
from wagtail.images import get_image_model
from wagtail.models import PageManager, PageQuerySet

from events_pages.public import restrictions
from events_pages.public.renditions import CARD

# An event without an end is taken to be over three hours after its start.
USUAL_LENGTH = timedelta(hours=3)


def _still_on(now):
    return Q(ends_at__gt=now) | Q(ends_at__isnull=True, starts_at__gt=now - USUAL_LENGTH)


class EventQuerySet(PageQuerySet):
    def public(self):
        return restrictions.public_pages(self)

    def upcoming(self, now):
        return self.filter(_still_on(now)).order_by("starts_at", "id")

    def past(self, now):
        return self.filter(starts_at__lte=now).exclude(_still_on(now)).order_by("-starts_at", "-id")

    def in_parish(self, parish):
        return self.filter(venue__parish=parish)

    def in_category(self, slug):
        return self.filter(categories__slug=slug)

    def between(self, start, end):
        return self.filter(starts_at__gte=start, starts_at__lt=end)

    def spelt(self, query):
        """With all words of it; those that have them as whole words first."""
        whole = When(search_words__spelt=query.exactly, then=0)
        found = self.filter(search_words__spelt=query.as_typed)
        return found.order_by(Case(whole, default=1), *self.query.order_by)

    def meant(self, query, near):
        return self.filter(search_words__spelt=query.as_meant(near))

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
