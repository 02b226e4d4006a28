"""RSS 2.0 of a list of events, written by Django's feed generator.

What was published last comes first: a reader of news wants to hear of an event when it is announced, and would never
see in time what stands behind the next fifty evenings. When it is stands in the text; a guid stays for good, so that a
change of it announces nothing a second time.
"""

from django.conf import settings
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.text.typed_text import write_in_line
from events_pages.dates.wording import describe_dates
from events_pages.enums import NOT_TAKING_PLACE, PerformanceStatus
from events_pages.public.calendar_file import public_url

MINUTES = 60
"""After which a reader should ask again."""


def build_rss(news, *, title, link, feed_link, now, request):
    """The file's bytes; `news` are event pages with the `schedule` that their words tell."""
    feed = Rss201rev2Feed(
        title=write_in_line(title),
        link=link,
        description=_("Events in Jersey, as they are announced."),
        language=settings.LANGUAGE_CODE,
        feed_url=feed_link,
        ttl=MINUTES,
    )
    for page in news:
        feed.add_item(**describe_item(page, now, request))
    return feed.writeString("utf-8").encode()


def describe_item(page, now, request):
    return {
        "title": name_item(page),
        "link": public_url(page, request),
        "description": describe_event(page, now),
        "unique_id": f"urn:uuid:{page.translation_key}",
        "unique_id_is_permalink": False,
        "pubdate": page.first_published_at,
        "updateddate": page.last_published_at,
        "categories": [write_in_line(each.name) for each in page.categories.all()],
    }


def name_item(page):
    title, status = write_in_line(page.title), page.schedule.status
    if status not in NOT_TAKING_PLACE:
        return title
    return _("%(status)s: %(title)s") % {"status": PerformanceStatus(status).label, "title": title}


def describe_event(page, now):
    """In HTML, as readers take it to be."""
    shown = page.schedule.next(now)
    when = " · ".join(filter(None, [capfirst(describe_dates(page.schedule, now)), shown.place]))
    lines = [(write_in_line(line),) for line in (when, shown.status_note, page.summary) if line]
    return format_html_join("", "<p>{}</p>", lines)
