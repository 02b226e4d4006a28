"""Structured data for search engines: schema.org/Event of one date, EventSeries of several. Ticketing hands in offers.

An empty value is left out: a search engine takes an empty text for a fact, and an end that nobody said for one too.
"""

from django.utils import timezone

from events_pages.dates.wording import span_days
from events_pages.enums import PerformanceStatus
from events_pages.public.renditions import SHARING, find_rendition

SCHEMA = "https://schema.org"
MOST_DATES = 20
STATUS = {
    PerformanceStatus.SCHEDULED: "EventScheduled",
    PerformanceStatus.CANCELLED: "EventCancelled",
    PerformanceStatus.POSTPONED: "EventPostponed",
    PerformanceStatus.RESCHEDULED: "EventRescheduled",
    PerformanceStatus.MOVED_ONLINE: "EventMovedOnline",
}


def build_page_data(page, shown, request, *, list_offers, is_series=False):
    """Of the date that is shown, or of all with the next MOST_DATES; {} while there is none.

    `list_offers(performance)` gives the offers of one date, of None those to all dates together.
    """
    if not page.schedule:
        return {}
    if len(page.schedule) == 1:
        told = build_date_data(page, page.schedule.first, page.get_full_url(request))
        told["offers"] = list_offers(page.schedule.first) + list_offers(None)
    elif is_series or shown is None:
        told = build_series_data(page, request, list_offers)
    else:
        told = build_date_data(page, shown, link_date(page, shown, request)) | {"offers": list_offers(shown)}
        told["superEvent"] = {"@type": "EventSeries", "name": page.title, "url": page.get_full_url(request)}
    return {"@context": SCHEMA} | _without_empty(told | build_common_data(page, request))


def build_series_data(page, request, list_offers):
    spans = [span_days(each) for each in page.schedule.taking_place or page.schedule]
    return {
        "@type": "EventSeries",
        "name": page.title,
        "url": page.get_full_url(request),
        "startDate": min(first for first, _last in spans).isoformat(),
        "endDate": max(last for _first, last in spans).isoformat(),
        "eventStatus": f"{SCHEMA}/{STATUS[page.schedule.status]}",
        "location": _shared_location(page, request),
        "offers": list_offers(None),
        "subEvent": [
            _without_empty(build_date_data(page, each, link_date(page, each, request)) | {"offers": list_offers(each)})
            for each in choose_dates(page.schedule)
        ],
    }


def choose_dates(schedule):
    return schedule.to_come(timezone.now())[:MOST_DATES] or list(schedule)[-MOST_DATES:]


def build_date_data(page, performance, url):
    mode = "OnlineEventAttendanceMode" if performance.is_online else "OfflineEventAttendanceMode"
    return {
        "@type": "Event",
        "name": f"{page.title} – {performance.name}" if performance.name else page.title,
        "url": url,
        "startDate": _moment(performance.starts_at),
        "endDate": _moment(performance.said_end),
        "previousStartDate": _former_start(performance),
        "doorTime": _moment(performance.doors_at),
        "eventStatus": f"{SCHEMA}/{STATUS[performance.status]}",
        "eventAttendanceMode": f"{SCHEMA}/{mode}",
        "location": _location(page, performance, url),
    }


def build_common_data(page, request):
    return {
        "description": page.summary,
        "image": _image(page, request),
        "organizer": _organiser(page.organiser),
    }


def link_date(page, performance, request):
    return f"{page.get_full_url(request)}dates/{performance.pk}/"


def _without_empty(values):
    return {key: value for key, value in values.items() if value}


def _moment(value):
    return timezone.localtime(value, timezone.get_default_timezone()).isoformat(timespec="minutes") if value else None


def _former_start(performance):
    is_moved = performance.former_starts_at and performance.former_starts_at != performance.starts_at
    return _moment(performance.former_starts_at) if is_moved else None


def _image(page, request):
    rendition = find_rendition(page.poster, SHARING) if page.poster else None
    if not rendition:
        return None
    return [request.build_absolute_uri(rendition.full_url) if request else rendition.full_url]


def _location(page, performance, url):
    if performance.is_online:
        return {"@type": "VirtualLocation", "url": performance.link or url}
    return _place(performance.venue or page.venue)


def _shared_location(page, request):
    """None where its dates are in different places: each says its own."""
    places = [_location(page, each, page.get_full_url(request)) for each in page.schedule]
    return places[0] if all(place == places[0] for place in places) else None


def _place(venue):
    if not venue:
        return None
    address = {
        "@type": "PostalAddress",
        "streetAddress": venue.address,
        "addressLocality": venue.get_parish_display(),
        "postalCode": venue.postcode,
        "addressCountry": "JE",
    }
    return _without_empty(
        {"@type": "Place", "name": venue.name, "address": _without_empty(address), "hasMap": venue.map_url}
    )


def _organiser(organiser):
    if not organiser:
        return None
    return _without_empty(
        {"@type": "Organization", "name": organiser.name, "url": organiser.website, "email": organiser.email}
    )
