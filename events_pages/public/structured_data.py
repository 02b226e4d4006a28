"""Structured data of an event for search engines: schema.org/Event. Ticketing adds the offers."""

from django.utils import timezone

from events_pages.enums import PerformanceStatus
from events_pages.public.renditions import SHARING, find_rendition

STATUS = {
    PerformanceStatus.SCHEDULED: "EventScheduled",
    PerformanceStatus.CANCELLED: "EventCancelled",
    PerformanceStatus.POSTPONED: "EventPostponed",
    PerformanceStatus.RESCHEDULED: "EventRescheduled",
    PerformanceStatus.MOVED_ONLINE: "EventMovedOnline",
}


def build_event_data(page, shown, request):
    """Of one date, `shown`. Empty values are left out: a search engine takes an empty text for a fact."""
    if shown is None:
        return {}
    url = page.get_full_url(request)
    mode = "OnlineEventAttendanceMode" if shown.is_online else "OfflineEventAttendanceMode"
    told = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": page.title,
        "description": page.summary,
        "url": url,
        "image": _image(page, request),
        "startDate": _moment(shown.starts_at),
        "endDate": _moment(shown.said_end),
        "previousStartDate": _moment(shown.former_starts_at),
        "doorTime": _moment(shown.doors_at),
        "eventStatus": f"https://schema.org/{STATUS[shown.status]}",
        "eventAttendanceMode": f"https://schema.org/{mode}",
        "location": _location(shown, url),
        "organizer": _organiser(page.organiser),
    }
    return _without_empty(told)


def _without_empty(values):
    return {key: value for key, value in values.items() if value}


def _moment(value):
    return timezone.localtime(value).isoformat(timespec="minutes") if value else None


def _image(page, request):
    rendition = find_rendition(page.poster, SHARING) if page.poster else None
    if not rendition:
        return None
    return [request.build_absolute_uri(rendition.full_url) if request else rendition.full_url]


def _location(shown, url):
    return {"@type": "VirtualLocation", "url": shown.link or url} if shown.is_online else _place(shown.own_venue)


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
