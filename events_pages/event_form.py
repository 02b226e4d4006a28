"""The form of an event page. A new event gives its first date on it; from the day it is published its dates are
written under “Dates and tickets”, because they change at once and not with the next version of the page."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

from events_pages.dates import edits
from events_pages.models.performances import EARLIEST_DOORS
from events_pages.page_form import PageForm

FIRST_DATE = ("starts_at", "ends_at", "doors_at")


def moment_field(label, **options):
    return forms.DateTimeField(label=label, widget=AdminDateTimeInput, **options)


def check_doors(form, data):
    starts, doors = data.get("starts_at"), data.get("doors_at")
    if starts and doors and starts - doors > EARLIEST_DOORS:
        form.add_error("doors_at", _("Doors open at most twelve hours before the start."))


class EventPageForm(PageForm):
    starts_at = moment_field(_("Starts"), help_text=_("Of several dates the first; add the others once it is saved."))
    ends_at = moment_field(_("Ends"), required=False, help_text=_("Empty: about three hours later."))
    doors_at = moment_field(_("Doors open"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not edits.has_first_date_on_form(self.instance):
            for name in FIRST_DATE:
                self.fields.pop(name, None)
        elif date := edits.find_first_date(self.instance):
            written = {"starts_at": date.starts_at, "ends_at": date.said_end, "doors_at": date.doors_at}
            self.initial |= {name: value for name, value in written.items() if value}

    def clean(self):
        data = super().clean()
        check_doors(self, data)
        times = {name: data.get(name) for name in FIRST_DATE}
        if times["starts_at"] and not any(name in self.errors for name in FIRST_DATE):
            try:
                edits.propose_first_date(self.instance, times)
            except ValidationError as wrong:
                self.add_error(None, wrong)
        return data
