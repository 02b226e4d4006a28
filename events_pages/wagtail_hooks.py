from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from events_pages import legal
from events_pages.models import EventCategory, LegalPage, Organiser, Venue


class VenueViewSet(SnippetViewSet):
    model = Venue
    icon = "home"
    list_display = ["name", "parish", "postcode"]
    list_filter = ["parish"]
    search_fields = ["name", "address"]


class OrganiserViewSet(SnippetViewSet):
    model = Organiser
    icon = "group"
    list_display = ["name", "email"]
    search_fields = ["name"]


class EventCategoryViewSet(SnippetViewSet):
    model = EventCategory
    icon = "tag"
    list_display = ["name", "slug"]
    search_fields = ["name"]


class ProgrammeViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Venues and more")
    menu_icon = "home"
    menu_order = 210
    items = (VenueViewSet, OrganiserViewSet, EventCategoryViewSet)


register_snippet(ProgrammeViewSetGroup)


@hooks.register("after_publish_page")
def warn_of_blanks(request, page):
    """A legal text with blanks may be published, but nobody should do it without knowing."""
    if isinstance(page, LegalPage) and (blanks := legal.blanks(page)):
        words = _("Published, but these blanks are not filled in: %(blanks)s")
        messages.warning(request, words % {"blanks": "; ".join(blanks)})


@hooks.register("before_copy_page")
def copy_legal_pages_as_drafts(request, page):
    """A published copy would have the version of the original, which buyers accepted."""
    if request.method == "POST" and "publish_copies" in request.POST and isinstance(page.specific, LegalPage):
        messages.error(request, _("Copy it as a draft, and give the copy a version of its own before you publish it."))
        return redirect("wagtailadmin_pages:copy", page.pk)
    return None
