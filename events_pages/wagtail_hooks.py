from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from events_pages.models import EventCategory, Organiser, Venue


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
