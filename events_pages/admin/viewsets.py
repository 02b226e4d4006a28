"""Venues, organisers and categories in the admin."""

from django.contrib import messages
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.snippets.views import snippets
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from common.search.lists import WordSearchList
from events_pages.models import EventCategory, Organiser, Venue
from protection.admin.row_scopes import ChooserViewSet, scope_view


class MadeByForm(WagtailAdminModelForm):
    """A new row belongs to whoever made it."""

    def save(self, commit=True):
        if self.instance.pk is None and self.instance.made_by is None:
            self.instance.made_by = self.for_user
        return super().save(commit)


class ListView(WordSearchList, snippets.IndexView):
    """Everybody's, because they are chosen by all; no button for what would be refused."""

    def get_table(self, rows):
        self.own = {verb: self.list_own(verb, [row.pk for row in rows]) for verb in ("change", "delete")}
        return super().get_table(rows)

    def list_own(self, verb, numbers):
        own = self.permission_policy.instances_user_has_permission_for(self.request.user, verb)
        return set(own.filter(pk__in=numbers).values_list("pk", flat=True))

    def get_edit_url(self, instance):
        return super().get_edit_url(instance) if instance.pk in self.own["change"] else None

    def get_copy_url(self, instance):
        return super().get_copy_url(instance) if instance.pk in self.own["change"] else None

    def get_delete_url(self, instance):
        return super().get_delete_url(instance) if instance.pk in self.own["delete"] else None


class InspectView(snippets.InspectView):
    """Others than its owner see of a row what public pages show."""

    public_fields = ()

    def get_fields(self):
        fields = super().get_fields()
        own = self.user_has_permission_for_instance("change", self.get_object())
        return fields if own or not self.public_fields else list(self.public_fields)

    def get_edit_url(self):
        return super().get_edit_url() if self.user_has_permission_for_instance("change", self.object) else None

    def get_delete_url(self):
        return super().get_delete_url() if self.user_has_permission_for_instance("delete", self.object) else None


class OrganiserInspectView(InspectView):
    public_fields = ("name", "description", "website")


class KeptWhileUsed:
    """What an event or a date stands on is never deleted; Wagtail knows of pages alone."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except ProtectedError:
            messages.error(self.request, _("Events or their dates use it, so it cannot be deleted."))
            return self.form_invalid(form)


class OwnedViewSet(SnippetViewSet):
    index_view_class = ListView
    edit_view_class = scope_view(snippets.EditView, verbs=["change"])
    copy_view_class = scope_view(snippets.CopyView, verbs=["change"])
    delete_view_class = scope_view(snippets.DeleteView, KeptWhileUsed, verbs=["delete"])
    usage_view_class = scope_view(snippets.UsageView, verbs=["change"])
    history_view_class = scope_view(snippets.HistoryView, verbs=["change"])
    inspect_view_class = InspectView
    chooser_viewset_class = ChooserViewSet
    inspect_view_enabled = True

    def get_edit_handler(self):
        panels = [*self.model.panels, FieldPanel("made_by", permission="superuser")]
        return ObjectList(panels, base_form_class=MadeByForm).bind_to_model(self.model)


class VenueViewSet(OwnedViewSet):
    model = Venue
    icon = "home"
    list_display = ["name", "parish", "postcode"]
    list_filter = ["parish"]
    search_fields = ["name", "address"]
    inspect_view_fields = ["name", "parish", "address", "postcode", "map_url", "access_notes"]


class OrganiserViewSet(OwnedViewSet):
    model = Organiser
    icon = "group"
    list_display = ["name", "website"]
    search_fields = ["name"]
    inspect_view_class = OrganiserInspectView
    inspect_view_fields = ["name", "description", "website", "email", "address"]
    inspect_view_fields += ["gst_number", "gst_from", "gst_until", "data_protection_number"]


class CategoryListView(WordSearchList, snippets.IndexView):
    pass


class EventCategoryViewSet(SnippetViewSet):
    model = EventCategory
    index_view_class = CategoryListView
    icon = "tag"
    list_display = ["name", "slug"]
    search_fields = ["name"]
    chooser_viewset_class = ChooserViewSet


class ProgrammeViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Venues and more")
    menu_icon = "home"
    menu_order = 210
    items = (VenueViewSet, OrganiserViewSet, EventCategoryViewSet)
