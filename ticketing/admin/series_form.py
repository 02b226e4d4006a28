"""What organisers fill in for many dates at once by a rule: “every Tuesday until 30 March, but not 25 December”."""

from datetime import datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from common.text import typed_dates
from events_pages.dates.island_clock import to_island_clock, to_moment, to_wall
from events_pages.dates.series import MOST_APART, MOST_DATES, WEEKS, ImpossibleSeries, SeriesRule, list_series_starts
from events_pages.enums import Frequency
from events_pages.models import Performance, Venue
from events_pages.models.performances import EARLIEST_DOORS
from ticketing.admin.date_forms import clock_field, offer_venues
from ticketing.domain.dates.clock import format_start
from ticketing.domain.dates.series import Series

LONGEST_MINUTES = 14 * 24 * 60
MOST_DOORS_MINUTES = EARLIEST_DOORS // timedelta(minutes=1)
SAME_DAY = ""


GROUPS = (
    (_("The first date"), ("starts_at", "ends", "lasts", "doors_before", "name", "venue")),
    (_("How often"), ("frequency", "interval", "weekdays", "week_of_month")),
    (_("Until when"), ("until", "times", "left_out")),
    (_("Tickets"), ("tickets_of", "sells")),
)


class TicketsOfField(forms.ModelChoiceField):
    def label_from_instance(self, performance):
        return format_start(performance.starts_at)


class SeriesForm(forms.Form):
    """`with_sales` are the dates whose tickets the new ones may have."""

    starts_at = forms.DateTimeField(
        label=_("First date, with its start"),
        widget=AdminDateTimeInput,
        help_text=_("Write it as you would: 12 Dec 2026 19:30. Every date starts at this time of day."),
    )
    ends = clock_field(_("Ends"), help_text=_("Before the start: after midnight. Empty: about three hours later."))
    lasts = forms.IntegerField(
        label=_("Or how many minutes it lasts"), min_value=1, max_value=LONGEST_MINUTES, required=False
    )
    doors_before = forms.IntegerField(
        label=_("Doors open this many minutes before"), min_value=0, max_value=MOST_DOORS_MINUTES, required=False
    )
    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, help_text=Performance._meta.get_field("name").help_text
    )
    venue = forms.ModelChoiceField(Venue.objects.none(), label=_("Venue of these dates"), required=False)
    frequency = forms.ChoiceField(
        label=_("How often"), choices=Frequency, widget=forms.RadioSelect, initial=Frequency.WEEKLY
    )
    interval = forms.IntegerField(
        label=_("Every how many days, weeks or months"),
        min_value=1,
        max_value=MOST_APART,
        initial=1,
        help_text=_("1: every one. 2: every other."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("By weeks one or more, by months one. None ticked: the weekday of the first date."),
    )
    week_of_month = forms.TypedChoiceField(
        label=_("By months, on"),
        choices=[
            (SAME_DAY, _("the day of the month of the first date")),
            *((number, _("the %(week)s such weekday") % {"week": name}) for number, name in WEEKS.items()),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("A month without a 31st is left out."),
    )
    until = forms.DateField(label=_("Until, that day too"), widget=AdminDateInput, required=False)
    times = forms.IntegerField(label=_("Or how many times"), min_value=1, max_value=MOST_DATES, required=False)
    left_out = forms.CharField(
        label=_("But not on"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=8_000,
        required=False,
        help_text=_("Days one a line, or with commas: 25/12/2026, 1 Jan 2027. You can untick days later, too."),
    )
    tickets_of = TicketsOfField(
        Performance.objects.none(), label=_("With the same tickets as"), required=False, empty_label=_("No tickets yet")
    )
    sells = forms.BooleanField(
        label=_("Sell at once"), required=False, help_text=_("Unticked: drafts that sell nothing yet.")
    )

    def __init__(self, *args, page, user, with_sales, **kwargs):
        super().__init__(*args, **kwargs)
        offer_venues(self.fields["venue"], page, user)
        self.fields["tickets_of"].queryset = with_sales
        if not with_sales.exists():
            del self.fields["tickets_of"], self.fields["sells"]

    @property
    def groups(self):
        """(legend, fields), of those that have any."""
        groups = [(legend, [self[name] for name in names if name in self.fields]) for legend, names in GROUPS]
        return [(legend, fields) for legend, fields in groups if fields]

    def clean_starts_at(self):
        starts = self.cleaned_data["starts_at"]
        if starts <= timezone.now():
            raise ValidationError(_("This moment is in the past."))
        return starts

    def clean_left_out(self):
        try:
            return typed_dates.read_dates(self.cleaned_data["left_out"])
        except typed_dates.Unreadable as wrong:
            raise ValidationError(str(wrong)) from wrong

    def clean(self):
        data = super().clean()
        if data.get("ends") is not None and data.get("lasts"):
            self.add_error("lasts", _("Say when it ends or how long it lasts, not both."))
        self.check_rule_fields(data)
        if not self.errors:
            try:
                list_series_starts(self.series.rule, data["starts_at"])
            except ImpossibleSeries as wrong:
                self.add_error(None, str(wrong))
        return data

    def check_rule_fields(self, data):
        """What was chosen for another pace is not ignored without a word."""
        frequency, weekdays = data.get("frequency"), data.get("weekdays")
        in_month = data.get("week_of_month") is not None
        if frequency == Frequency.DAILY and weekdays:
            self.add_error("weekdays", _("By days there is no choice of weekdays: untick them, or choose “by weeks”."))
        if frequency == Frequency.MONTHLY and weekdays and not in_month and "week_of_month" not in self.errors:
            self.add_error("week_of_month", _("Say which of the month, such as the second, or untick the weekday."))
        if frequency != Frequency.MONTHLY and in_month:
            self.add_error("week_of_month", _("This is for “by months”."))

    @cached_property
    def series(self):
        """Of valid fields. Raises ImpossibleSeries."""
        data = self.cleaned_data
        starts, doors = data["starts_at"], data["doors_before"]
        return Series(
            rule=self.build_rule(),
            starts_at=starts,
            ends_at=self.find_end(starts),
            doors_at=None if doors is None else to_moment(to_wall(starts) - timedelta(minutes=doors)),
            name=data["name"],
            venue=data["venue"],
        )

    def build_rule(self):
        data = self.cleaned_data
        first, frequency = to_island_clock(data["starts_at"]).date(), Frequency(data["frequency"])
        rule = {"interval": data["interval"], "until": data["until"], "count": data["times"]}
        weekdays = tuple(data["weekdays"]) or (first.weekday(),)
        if frequency == Frequency.WEEKLY:
            rule["weekdays"] = weekdays
        elif frequency == Frequency.MONTHLY and data["week_of_month"] is None:
            rule["day_of_month"] = first.day
        elif frequency == Frequency.MONTHLY:
            rule |= {"weekdays": weekdays, "week_of_month": data["week_of_month"]}
        return SeriesRule(frequency, left_out=data["left_out"], **rule)

    def find_end(self, starts):
        data = self.cleaned_data
        if data["lasts"]:
            return to_moment(to_wall(starts) + timedelta(minutes=data["lasts"]))
        if data["ends"] is None:
            return None
        first = to_island_clock(starts)
        day = first.date() if data["ends"] > first.time() else first.date() + timedelta(days=1)
        return to_moment(datetime.combine(day, data["ends"]))
