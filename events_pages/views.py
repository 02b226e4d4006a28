from hashlib import sha256

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from events_pages.legal import security_contact
from events_pages.models import EventIndexPage, EventPage, LegalPage
from events_pages.public import calendar_file, feed_words, feeds, page_cache, restrictions, rss_file, site_map
from events_pages.public.event_filter import EventFilter


@require_safe
def legal_text(request, kind):
    """Anybody. The text of that kind which is in force today, wherever its page is."""
    page = LegalPage.current(kind)
    if page is None:
        raise Http404
    return redirect(page.get_url(request))


@require_safe
def legal_version(request, kind, version):
    """Anybody. The text that somebody accepted, also when another one is in force by now."""
    if "\0" in version:  # no text that a database keeps
        raise Http404
    page = LegalPage.objects.live().filter(kind=kind, version=version).defer("body").first()
    if page is None or not restrictions.may_read_page(request, page):
        raise Http404
    return redirect(page.get_url(request))


@require_safe
@page_cache.cacheable_view
def public_sitemap(request):
    """Anybody. The pages that everybody may read, or the parts that list them."""
    return site_map.answer_site_map(request)


@require_safe
@page_cache.cacheable_view
def public_sitemap_part(request, part):
    """Anybody. Some of the pages that everybody may read."""
    return site_map.answer_part(request, part)


@require_safe
@page_cache.cacheable_view
def robots_txt(request):
    """Anybody. Orders and baskets are nobody's business but the buyer's."""
    return render(request, "robots.txt", content_type="text/plain")


@require_safe
@page_cache.cacheable_view
def security_txt(request):
    """Anybody. Whom to tell of a hole; the address does not exist while that is nobody."""
    contact = security_contact.find_security_contact()
    if not contact:
        raise Http404
    lines = security_contact.security_txt_lines(contact, path=request.path, now=timezone.now())
    text = "".join(f"{line}\n" for line in lines)
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "max-age=3600"})


@require_safe
@page_cache.cacheable_view
def dates_calendar(request, place):
    """Anybody. The dates of a list as it was chosen, of an event, or one date: for calendars to follow."""
    page, route, parts = feeds.find_public_page(request, place)
    if isinstance(page, EventIndexPage) and route == "upcoming":
        name, entries = describe_chosen_dates(request, page)
    elif isinstance(page, EventPage) and route in ("event", "date"):
        dates = feeds.list_dates_of_event(page, parts.get("number"))
        name, entries = page.title, feeds.describe_dates_of_event(dates, page, request)
    else:
        raise Http404
    if parts and not entries:
        raise Http404
    changed = [each["last-modified"] for each in entries]
    return build_versioned(calendar_file.build_calendar(entries, name=name), "text/calendar", changed)


def describe_chosen_dates(request, page):
    chosen, pages = EventFilter.read(request.GET), page.public_events()
    page_cache.note_query_read(request, **chosen.values)
    dates = feeds.list_dates(pages, chosen, timezone.now())
    return feed_words.name_list(page.title, pages, chosen), feeds.describe_dates(dates, page, request)


@require_safe
@page_cache.cacheable_view
def events_rss(request, place):
    """Anybody. The events of a list as it was chosen, for readers of news."""
    page, route, _parts = feeds.find_public_page(request, place)
    if not isinstance(page, EventIndexPage) or route != "upcoming":
        raise Http404
    chosen, pages, now = EventFilter.read(request.GET), page.public_events(), timezone.now()
    page_cache.note_query_read(request, **chosen.values)
    news = feeds.list_announced(pages, chosen, now)
    title, link = feed_words.name_list(page.title, pages, chosen), calendar_file.public_url(page, request)
    drawn = rss_file.build_rss(
        news, title=title, link=link, feed_link=f"{link}feed.rss{chosen.feed_query}", now=now, request=request
    )
    return build_versioned(drawn, "application/rss+xml", feeds.list_change_times(news))


def build_versioned(content, content_type, changed):
    """Whoever has this version already is told so. What is taken out of a feed leaves no moment of change behind, so
    nothing counts as older than this hour; an ETag knows better."""
    modified = max([timezone.now().replace(minute=0, second=0, microsecond=0), *changed])
    headers = {"ETag": f'W/"{sha256(content).hexdigest()[:32]}"', "Last-Modified": http_date(modified.timestamp())}
    return HttpResponse(content, content_type=f"{content_type}; charset=utf-8", headers=headers)
