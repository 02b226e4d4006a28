"""Makes the demo's rows, each unless it is there already. Nothing that exists is touched."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.core.files.images import ImageFile
from django.utils import timezone
from django.utils.text import slugify
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from demo.content import pages as words
from demo.content.events import EVENTS, FEATURED, poster_file
from demo.content.pages import CATEGORIES, ORGANISERS, VENUES
from events_pages.dates import edits
from events_pages.dates.series import list_series_starts
from events_pages.enums import LegalKind
from events_pages.legal import sample_texts
from events_pages.models import (
    EventCategory,
    EventIndexPage,
    EventPage,
    FeaturedEvent,
    HomePage,
    LegalPage,
    Organiser,
    SiteSettings,
    StandardPage,
    Venue,
)
from events_pages.public.renditions import CARD
from ticketing.models import EventSale, TicketType

WELCOME = "Welcome to your new Wagtail site!"


def at_clock(day, clock):
    """“19:30” on that day in Jersey."""
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))


def make_people():
    for slug, name in CATEGORIES.items():
        EventCategory.objects.get_or_create(slug=slug, defaults={"name": name})
    for venue in VENUES.values():
        details = venue | {"map_url": map_of(venue["name"], venue["postcode"])}
        Venue.objects.get_or_create(name=venue["name"], defaults=details)
    for organiser in ORGANISERS.values():
        Organiser.objects.get_or_create(name=organiser["name"], defaults=organiser)


def map_of(name, postcode):
    return f"https://www.openstreetmap.org/search?query={slugify(name).replace('-', '+')}+{postcode.replace(' ', '+')}"


def make_home():
    home = HomePage.objects.first()
    if home:
        return home
    root = Page.objects.get(depth=1)
    home = root.add_child(instance=HomePage(slug="jersey-events", **words.HOME))
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True, hostname="localhost")
    site.root_page, site.site_name = home, words.SETTINGS["organisation_name"]
    site.save()
    Page.objects.filter(depth=2, title=WELCOME).delete()
    home.refresh_from_db()
    return home


def make_pages(home):
    """The list of events, about, the legal texts and the site's settings; gives the list back."""
    settings = SiteSettings.for_site(home.get_site())
    if not settings.contact_email:
        for field, value in words.SETTINGS.items():
            setattr(settings, field, value)
        settings.save()
    if not StandardPage.objects.filter(slug=words.ABOUT["slug"]).exists():
        about = words.ABOUT | {"body": [make_block(*part) for part in words.ABOUT["body"]]}
        publish_page(home, StandardPage(show_in_menus=True, **about))
    for kind in LegalKind:
        if not LegalPage.objects.filter(kind=kind).exists():
            version = {"version": words.LEGAL_VERSION, "body": make_demo_legal_text(kind)}
            publish_page(home, LegalPage(kind=kind, title=str(kind.label), slug=str(kind), **version))
    return EventIndexPage.objects.first() or publish_page(home, EventIndexPage(slug="events", **words.INDEX))


def make_demo_legal_text(kind):
    """The starting text with its blanks filled: what it says to the owner of a site becomes a word to the visitor."""
    text = sample_texts.sample_text(kind, words.ANSWERS)
    return sample_texts.BLANK.sub(words.DEMO, text, count=1)


def publish_page(parent, page):
    parent.refresh_from_db()
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page


def make_events(index, today):
    """The pages that were not there yet, with the event that each was made from."""
    known = set(EventPage.objects.values_list("slug", flat=True))
    return [(event, make_event(index, event, today)) for event in EVENTS if slugify(event.title) not in known]


def make_event(index, event, today):
    page = EventPage(
        title=event.title,
        slug=slugify(event.title),
        summary=event.summary,
        poster=make_poster(event),
        poster_alt=event.shows,
        venue=Venue.objects.get(name=VENUES[event.venue]["name"]),
        organiser=Organiser.objects.get(name=ORGANISERS[event.organiser]["name"]),
        body=[make_block(*part) for part in event.story],
        **event.fields,
    )
    page.first_date = list_times(event, event.when.after(today), event.at)
    page.categories = EventCategory.objects.filter(slug__in=event.categories)
    page.poster.get_renditions(CARD)  # a worker makes them all, but perhaps after the first look at the list
    publish_page(index, page)
    if event.repeats:
        for starts_at in list_series_starts(event.repeats, page.schedule.first.starts_at)[1:]:
            edits.add_performance(page, **list_times(event, timezone.localdate(starts_at), event.at))
    return page


def list_times(event, day, clock):
    """Start, end and doors of one date; every date is as long as the first, whenever it begins."""
    first, until = at_clock(day, event.at), at_clock(day, event.until)
    length = until - first if until > first else until - first + timedelta(days=1)
    starts_at = at_clock(day, clock)
    times = {"starts_at": starts_at, "ends_at": starts_at + length, "doors_at": None}
    if event.doors:
        times["doors_at"] = starts_at - (first - at_clock(day, event.doors))
    return times


def make_poster(event):
    centre = {"focal_point_x": 600, "focal_point_y": 620, "focal_point_width": 1000, "focal_point_height": 1000}
    path = poster_file(slugify(event.title))
    with path.open("rb") as data:
        file = ImageFile(data, name=path.name)
        return get_image_model().objects.create(title=event.title, description=event.shows, file=file, **centre)


def feature_events(home):
    if FeaturedEvent.objects.exists():
        return
    for number, title in enumerate(FEATURED):
        event = EventPage.objects.get(slug=slugify(title))
        FeaturedEvent.objects.create(page=home, event=event, sort_order=number)


def make_sales(event, page, now):
    return [(plan, make_sale(plan, page, now, date)) for plan in event.sales for date in list_dates(event, plan, page)]


def make_sale(plan, page, now, performance):
    opens_at = at_clock(timezone.localdate(now) + timedelta(days=plan.opens_in), "09:00") if plan.opens_in else None
    name = plan.name if plan.is_pass else ""
    sale = EventSale.objects.create(
        page=page, performance=performance, name=name, capacity=plan.capacity, opens_at=opens_at, **plan.fields
    )
    for number, price in enumerate(plan.prices):
        fields = price | {"price": Decimal(price["price"])}
        if fields.pop("closed", False):
            fields["closes_at"] = now - timedelta(days=2)
        TicketType.objects.create(sale=sale, sort_order=number, **fields)
    return sale


def list_dates(event, plan, page):
    """What is sold by that plan: dates, or None for a pass."""
    if plan.is_pass:
        return [None]
    first = timezone.localdate(page.performances.first().starts_at)
    return [make_date(event, plan, page, first + timedelta(days=days)) for days in plan.days_later]


def make_date(event, plan, page, day):
    times = list_times(event, day, plan.at or event.at)
    found = page.performances.filter(starts_at=times["starts_at"]).first() or edits.add_performance(page, **times)
    if plan.name:
        edits.change_performance(found, name=plan.name)
    return found


def make_changes(event, page):
    first = timezone.localdate(page.performances.first().starts_at)
    for change in event.changes:
        day = first + timedelta(days=change.days_later)
        found = page.performances.get(starts_at=list_times(event, day, event.at)["starts_at"])
        times = list_times(event, day + timedelta(days=change.moved), event.at)
        edits.change_performance(found, **times, **change.fields)


def make_block(kind, value):
    """One part of a story, from the short form that the content is written in."""
    if kind == "quote":
        value = {"text": value[0], "who": value[1]}
    elif kind == "line_up":
        value = {"title": value[0], "acts": [{"name": name, "text": text} for name, text in value[1]]}
    elif kind == "schedule":
        moments = [{"time": time.fromisoformat(clock), "text": text} for clock, text in value[1]]
        value = {"title": value[0], "moments": moments}
    elif kind == "questions":
        questions = [{"question": question, "answer": answer} for question, answer in value[1]]
        value = {"title": value[0], "questions": questions}
    elif kind == "call":
        kind = "call_to_action"
        value = {"title": value[0], "text": value[1], "label": value[2], "address": "https://twelveparishes.example/"}
    return kind, value
