"""Forms of changed dates: what happens to a date, and what its ticket holders are told."""

from copy import copy

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events_pages.dates.island_clock import shift_moment
from events_pages.event_form import check_doors, moment_field
from events_pages.models import Performance, Venue
from ticketing.admin.date_forms import check_new_start
from ticketing.domain.changes.differences import KINDS_WITH_CHOICE
from ticketing.domain.changes.performance_changes import (
    OF_ONE_DATE,
    WITH_CHOICE,
    WITH_TIMES,
    ChangeAction,
    PerformanceChange,
    is_meant,
    list_actions,
)
from ticketing.enums import ChangeKind
from ticketing.models.changes import LONGEST_SUBJECT, LONGEST_WORDS

USUAL_CHOICE, LONGEST_CHOICE = 14, 90
TIMES = ("starts_at", "ends_at", "doors_at")
LONGEST_NOTE = Performance._meta.get_field("status_note").max_length


def choice_field():
    return forms.IntegerField(
        label=_("Days to choose the money back"),
        min_value=0,
        max_value=LONGEST_CHOICE,
        required=False,
        help_text=_("From the day on which the e-mail goes out. Who says nothing keeps the tickets. 0: no choice."),
    )


def refunds_field():
    return forms.BooleanField(
        label=_("Everybody gets their money back"),
        help_text=_("The refunds are asked for when the e-mail is sent, not before."),
        required=False,
    )


class PerformanceChangeForm(forms.Form):
    """`others` are the page's other dates to come; only who `may_refund` decides about money."""

    action = forms.ChoiceField(label=_("What happens?"), choices=ChangeAction, widget=forms.RadioSelect)
    starts_at = moment_field(_("New start"), required=False, help_text=_("For another day or other times."))
    ends_at = moment_field(_("New end"), required=False, help_text=_("Empty: about three hours later."))
    doors_at = moment_field(_("Doors open"), required=False)
    venue = forms.ModelChoiceField(label=_("New venue"), queryset=Venue.objects.order_by("name"), required=False)
    link = forms.URLField(
        label=_("Where to watch"),
        required=False,
        assume_scheme="https",
        help_text=_("When it moves online. Empty: you will tell ticket holders later."),
    )
    note = forms.CharField(
        label=_("What visitors read about it"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("On the page at once, and first in the e-mail: “Gale warning. Everybody is refunded by Friday.”"),
    )
    all_dates = forms.BooleanField(label=_("All dates to come, not only this one"), required=False)
    refunds_everybody = refunds_field()
    choice_days = choice_field()

    def __init__(self, *args, performance, others, may_refund, **kwargs):
        super().__init__(*args, **kwargs)
        self.performance = self.instance = performance
        self.others = others
        self.fields["action"].choices = [(each, each.label) for each in list_actions(performance)]
        if not others:
            del self.fields["all_dates"]
        if not may_refund:
            del self.fields["refunds_everybody"], self.fields["choice_days"]

    def clean(self):
        data = super().clean()
        action = data.get("action")
        if data.get("all_dates") and action in OF_ONE_DATE:
            self.add_error("all_dates", _("Each date moves to a day of its own: move them one by one."))
        if action == ChangeAction.VENUE and "venue" not in self.errors:
            self.check_venue(data.get("venue"))
        if action in WITH_TIMES and not any(name in self.errors for name in TIMES):
            self.clean_times(action, data)
        return data

    def check_venue(self, venue):
        if not venue:
            self.add_error("venue", _("Choose the new venue."))
        elif venue == self.performance.own_venue and not self.performance.is_online:
            self.add_error("venue", _("That is where it takes place already."))

    def clean_times(self, action, data):
        if wrong := self.why_no_start(action, data.get("starts_at")):
            self.add_error("starts_at", wrong)
            return
        if action == ChangeAction.MOVE:
            self.move_unchanged_times(data)
            check_new_start(self, data["starts_at"], name=self.performance.name, venue=self.performance.venue)
        if "starts_at" not in self.errors:
            self.check_times(data)

    def why_no_start(self, action, starts_at):
        if not starts_at:
            return _("Say when it starts.")
        if starts_at <= timezone.now():
            return _("The new start must be in the future.")
        is_same_day = timezone.localdate(starts_at) == timezone.localdate(self.performance.starts_at)
        if action == ChangeAction.MOVE and is_same_day:
            return _("That is the day it has: choose “Other times on the same day”.")
        if action == ChangeAction.TIMES and not is_same_day:
            return _("That is another day: choose “Moved to another day”.")
        return ""

    def move_unchanged_times(self, data):
        """An end and doors that nobody touched move with the start."""
        start = self.performance.starts_at
        for name, before in (("ends_at", self.performance.said_end), ("doors_at", self.performance.doors_at)):
            if data.get(name) == before:
                data[name] = shift_moment(before, start=start, to=data["starts_at"])

    def check_times(self, data):
        wanted = copy(self.performance)
        for name in TIMES:
            setattr(wanted, name, data.get(name))
        wanted.is_end_estimated = wanted.ends_at is None
        try:
            wanted.complete_times()
            wanted.clean()
        except ValidationError as wrong:
            self.add_error(None, wrong)
        check_doors(self, data)

    def build_change(self):
        data = self.cleaned_data
        action = data["action"]
        names = {ChangeAction.VENUE: ("venue",), ChangeAction.ONLINE: ("link",)}
        fields = TIMES if action in WITH_TIMES else names.get(action, ())
        others = [each for each in self.others if is_meant(action, each)] if data.get("all_dates") else []
        return PerformanceChange(
            action=action,
            performances=[self.performance, *others],
            note="" if action == ChangeAction.RESUME and data["note"] == self.performance.status_note else data["note"],
            fields={name: data[name] for name in fields},
            refunds_everybody=data.get("refunds_everybody") if action == ChangeAction.CANCEL else None,
            choice_days=(data["choice_days"] or 0) if action in WITH_CHOICE and "choice_days" in data else None,
        )


class NoticeForm(forms.Form):
    """What ticket holders get. `seen` is when the date had been changed last, as the sender read it."""

    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    words = forms.CharField(
        label=_("Your words"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What was and what is now follows by itself, and so do the link to the order and the new tickets."),
    )
    refunds_everybody = refunds_field()
    choice_days = choice_field()
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args, notice, may_refund, **kwargs):
        super().__init__(*args, **kwargs)
        if notice.kind != ChangeKind.CANCELLED or not may_refund:
            del self.fields["refunds_everybody"]
        if notice.kind not in KINDS_WITH_CHOICE or not may_refund:
            del self.fields["choice_days"]

    @property
    def edits(self):
        data = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        if "choice_days" in data:
            data["choice_days"] = data["choice_days"] or 0
        return data
