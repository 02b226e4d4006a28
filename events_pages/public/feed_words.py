"""What a choice of events is called: the name of a feed, and what stands beside the list to be taken away again."""

from django.db.models import Exists
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from events_pages.enums import Parish
from events_pages.models.performances import Performance
from events_pages.models.snippets import EventCategory, Organiser, Venue


def list_chosen(pages, chosen):
    """[(words, query without it)] of what the form has no field for. A name that no public page tells is not told."""
    told = {
        "venue": _("at %(venue)s") % {"venue": venue} if (venue := name_venue(pages, chosen)) else "",
        "organiser": _("by %(organiser)s") % {"organiser": name} if (name := name_organiser(pages, chosen)) else "",
    }
    return [(words, chosen.query_without(key)) for key, words in told.items() if words]


def name_venue(pages, chosen):
    if not chosen.venue:
        return ""
    here = Performance.objects.order_by().at_venue(chosen.venue).of_pages(pages)
    return find_name(Venue, chosen.venue, here)


def name_organiser(pages, chosen):
    if not chosen.organiser:
        return ""
    return find_name(Organiser, chosen.organiser, pages.by_organiser(chosen.organiser).order_by())


def find_name(model, pk, events):
    return "".join(model.objects.filter(Exists(events), pk=pk).values_list("name", flat=True))


def name_list(title, pages, chosen):
    """“What’s on: Music, St Helier, March 2027, “shanties”, at Opera House”."""
    category = EventCategory.objects.filter(slug=chosen.category).first() if chosen.category else None
    told = [
        category and category.name,
        chosen.parish and Parish(chosen.parish).label,
        chosen.month and date_format(chosen.month, "F Y"),
        chosen.day and date_format(chosen.day, "l j F Y"),
        chosen.q and f"“{chosen.q}”",
        *(words for words, _without in list_chosen(pages, chosen)),
        chosen.access and _("with notes on access"),
    ]
    words = ", ".join(str(each) for each in told if each)
    return _("%(title)s: %(choice)s") % {"title": title, "choice": words} if words else title
