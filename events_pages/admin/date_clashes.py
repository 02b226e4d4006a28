"""What else is on, for whoever chooses a date: a page of its own, and a part of the forms that have dates."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.permissions import policy_registry

from events_pages.dates.clashes import MOST_CLASHES, find_clashes
from events_pages.models import EventCategory, EventPage, Venue
from events_pages.models.performances import USUAL_LENGTH

LARGEST_ID = 2**31 - 1


class ClashForm(forms.Form):
    """The names of its fields are those of the event page."""

    starts_at = forms.DateTimeField(label=_("Starts"), widget=AdminDateTimeInput)
    ends_at = forms.DateTimeField(
        label=_("Ends"), widget=AdminDateTimeInput, required=False, help_text=_("Empty: about three hours later.")
    )
    venue = forms.ModelChoiceField(Venue.objects.all(), label=_("Venue"), required=False, empty_label="–")
    categories = forms.ModelMultipleChoiceField(EventCategory.objects.all(), label=_("Categories"), required=False)
    page = forms.IntegerField(required=False, max_value=LARGEST_ID, widget=forms.HiddenInput)

    def clean(self):
        data = super().clean()
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("The end must come after the start."))
        return data

    def list_clashes(self):
        data = self.cleaned_data
        return find_clashes(
            data["starts_at"],
            data["ends_at"] or data["starts_at"] + USUAL_LENGTH,
            venue=data["venue"],
            categories=data["categories"] or list_categories_of(data["page"]),
            except_page=data["page"],
        )


def list_categories_of(page_id):
    return EventCategory.objects.filter(events=page_id) if page_id else EventCategory.objects.none()


class DateClashesView(WagtailAdminTemplateMixin, View):
    """For who may add or edit events. It says only what everybody may read."""

    header_icon = "date"
    page_title = _("What else is on?")
    template_name = "events_pages/admin/date_clashes.html"

    def dispatch(self, request, *args, **kwargs):
        if not policy_registry.get_by_type(EventPage).user_has_any_permission(request.user, {"add", "change"}):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        form = ClashForm(request.GET if "starts_at" in request.GET else None)
        found = form.list_clashes() if form.is_valid() else []
        context = {"form": form, "clashes": found, "is_full": len(found) == MOST_CLASHES}
        return self.render_to_response(self.get_context_data(**context))

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_template_names(self):
        """A part of another page, where its script asks."""
        if self.request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return ["events_pages/admin/includes/date_clashes.html"]
        return [self.template_name]
