"""What organisers fill in for the dates of a copied event: from which event, and how far they move."""

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from events_pages.enums import DateShift

MOST_OFFERED = 100


class CopiedDatesForm(forms.Form):
    """`events` are pages of the person's own whose dates may be copied."""

    of = forms.TypedChoiceField(label=_("From this event"), coerce=int)
    shift = forms.ChoiceField(
        label=_("Move its dates to"), choices=DateShift, widget=forms.RadioSelect, initial=DateShift.SAME_WEEKDAY
    )
    first_day = forms.DateField(label=_("First date on"), widget=AdminDateInput, required=False)
    with_sales = forms.BooleanField(
        label=_("With its tickets"),
        required=False,
        help_text=_("As drafts: same prices and limits, sold from as long before the start, nothing sold yet."),
    )

    def __init__(self, *args, events, may_sell, **kwargs):
        super().__init__(*args, **kwargs)
        self.events = {page.pk: page for page in events}
        self.fields["of"].choices = [(pk, page.get_admin_display_title()) for pk, page in self.events.items()]
        if not may_sell:
            del self.fields["with_sales"]

    def clean(self):
        data = super().clean()
        if data.get("shift") == DateShift.CHOSEN and not data.get("first_day") and "first_day" not in self.errors:
            self.add_error("first_day", _("Write the day of the first date."))
        return data

    @property
    def original(self):
        return self.events[self.cleaned_data["of"]]

    @property
    def shift_chosen(self):
        """As `plan_copied_dates` takes it."""
        return {"shift": self.cleaned_data["shift"], "first_day": self.cleaned_data["first_day"]}
