"""Search words of an event: what its card says, its day, and its story as far as there is room."""

from django.utils import timezone
from django.utils.formats import date_format

from common.search.words import fold_words

MOST_WORDS = 1000
BATCH = 200


def words_of_event(page):
    venue, organiser = page.venue, page.organiser
    return fold_words(
        page.title,
        *([venue.name, venue.get_parish_display(), venue.address] if venue else []),
        organiser and organiser.name,
        page.summary,
        *(category.name for category in page.categories.all()),
        words_of_day(page.starts_at),
        page.age_limit,
        *page._meta.get_field("body").get_searchable_content(page.body),
        most=MOST_WORDS,
    )


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
