"""Search words of an event: what its card says, its day, and its story as far as there is room."""

from django.utils import timezone
from django.utils.formats import date_format

from common.search.words import fold_words

MOST_WORDS = 1000
MOST_DAYS = 366
MOST_VENUES = 10
BATCH = 200


def words_of_event(page):
    venue, organiser = page.venue, page.organiser
    return fold_words(
        page.title,
        *([venue.name, venue.get_parish_display(), venue.address] if venue else []),
        organiser and organiser.name,
        page.summary,
        *(category.name for category in page.categories.all()),
        *list_days_to_find(page),
        *list_venues_to_find(page),
        page.age_limit,
        *page._meta.get_field("body").get_searchable_content(page.body),
        most=MOST_WORDS,
    )


def list_days_to_find(page):
    """Of what is not over, as people may type it."""
    if page.pk is None:
        return []
    starts = page.performances.filter(ends_at__gt=timezone.now()).values_list("starts_at", flat=True)
    return [words_of_day(at) for at in starts[:MOST_DAYS]]


def list_venues_to_find(page):
    if page.pk is None:
        return []
    own = page.performances.filter(ends_at__gt=timezone.now(), venue__isnull=False).order_by()
    return list(own.values_list("venue__name", flat=True).distinct()[:MOST_VENUES])


def words_of_day(at):
    return date_format(timezone.localtime(at, timezone.get_default_timezone()), "l j F Y") if at else ""


def fold_pages(pages):
    done = last = 0
    pages = pages.select_related("venue", "organiser").prefetch_related("categories")
    while rows := list(pages.filter(pk__gt=last).order_by("pk")[:BATCH]):
        for row in rows:
            row.search_words = words_of_event(row)
        pages.model.objects.bulk_update(rows, ["search_words"])
        done, last = done + len(rows), rows[-1].pk
    return done
