"""What organisers fill in under “Dates and tickets”: one date, its first sale, a pass, several dates at once."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput, AdminTimeInput

from common.text.direction import isolate_text
from events_pages.dates.island_clock import shift_moment
from events_pages.event_form import check_doors
from events_pages.models import Performance, Venue
from protection.admin.row_scopes import choosable_rows
from ticketing.domain.dates.clock import format_start
from ticketing.domain.dates.wishes import AS_ON_PAGE, Wish
from ticketing.enums import DateScope
from ticketing.models import EventSale, TicketType

MOMENTS = ("starts_at", "ends_at", "doors_at")
MOST_TYPES, ROWS_SHOWN = 10, 3
LARGEST_COUNT, LONGEST_WINDOW = 1_000_000, 1_000


class DateForm(forms.ModelForm):
    """One date, new or not. `tickets_of` is a date of the page whose tickets a new one may have; `others` are dates to
    come like this one. `seen` says how often it had been changed when it was shown: nobody writes over what somebody
    else has changed since.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    with_tickets = forms.BooleanField(required=False, initial=True)
    scope = forms.ChoiceField(
        label=_("Change"),
        choices=DateScope,
        initial=DateScope.ONE,
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "Like it: at the same time of day, with the same name. Time of day, doors, end, name and venue go along. "
            "You see each before it changes; those with tickets stay as they are."
        ),
    )

    class Meta:
        model = Performance
        fields = (*MOMENTS, "name", "venue")
        widgets = dict.fromkeys(MOMENTS, AdminDateTimeInput)

    def __init__(self, *args, user, tickets_of=None, others=(), **kwargs):
        super().__init__(*args, **kwargs)
        if not others:
            del self.fields["scope"]
        self.initial["seen"] = self.instance.sequence
        self.initial["ends_at"] = self.instance.said_end if self.instance.pk else None
        offer_venues(self.fields["venue"], self.instance.page, user, own=self.instance.venue_id)
        if tickets_of:
            when = {"when": isolate_text(format_start(tickets_of.starts_at))}
            self.fields["with_tickets"].label = _("With the same tickets as %(when)s") % when
        else:
            del self.fields["with_tickets"]

    def clean_starts_at(self):
        """The field shows minutes: what nobody changed keeps its seconds, and is no change."""
        starts, was = self.cleaned_data["starts_at"], self.initial.get("starts_at")
        return was if was and was.replace(second=0, microsecond=0) == starts else starts

    def clean(self):
        data = super().clean()
        self.check_seen(data.get("seen", ""))
        self.instance.is_end_estimated = data.get("ends_at") is None
        if starts := data.get("starts_at"):
            self.move_untouched_times(data, starts)
            check_doors(self, data)
            check_new_start(self, starts, name=data.get("name", ""), venue=data.get("venue"))
        return data

    def check_seen(self, seen):
        if seen in ("", f"{self.instance.sequence}"):
            return
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = self.instance.sequence
        words = _("Meanwhile somebody else changed this date: it is on %(when)s now. Look again, then save.")
        self.add_error(None, words % {"when": format_start(self.initial["starts_at"])})

    def move_untouched_times(self, data, starts):
        """An end and doors that nobody touched go with the start."""
        before = self.initial.get("starts_at") if self.instance.pk else None
        for name in ("ends_at", "doors_at") if before else ():
            if name not in self.changed_data:
                data[name] = shift_moment(data.get(name), start=before, to=starts)

    @property
    def fields_of_date(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def offer_venues(field, page, user, *, own=None):
    """Those that the person may choose, and the one that a date has already."""
    venues = choosable_rows(user, Venue)
    field.queryset = venues | Venue.objects.filter(pk=own) if own else venues
    field.empty_label = _("As on the event page: %(venue)s") % {"venue": page.venue or "–"}
    field.help_text = ""


class CopyForm(forms.Form):
    starts_at = forms.DateTimeField(label=_("Starts"), widget=AdminDateTimeInput)
    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, help_text=Performance._meta.get_field("name").help_text
    )
    sells = forms.BooleanField(
        label=_("Sell at once"), required=False, help_text=_("Unticked: a draft that sells nothing yet.")
    )

    def __init__(self, *args, source, **kwargs):
        self.instance, self.source = Performance(page=source.page), source
        super().__init__(*args, **kwargs)

    def clean(self):
        data = super().clean()
        if starts := data.get("starts_at"):
            check_new_start(self, starts, name=data.get("name", ""), venue=self.source.venue)
        return data


def check_new_start(form, starts, *, name, venue):
    """Neither in the past, unless it was there already, nor what the page has already."""
    date = form.instance
    if starts <= timezone.now() and starts != form.initial.get("starts_at"):
        form.add_error("starts_at", _("This moment is in the past."))
    same = date.page.performances.filter(starts_at=starts, name=name, venue=venue).exclude(pk=date.pk)
    if same.exists():
        form.add_error("starts_at", _("There is a date at this moment already. Give this one a name of its own."))


class NewSaleForm(forms.ModelForm):
    """What a date needs to go on sale; the rest has defaults, and is in the form of the sale."""

    class Meta:
        model = EventSale
        fields = ("capacity", "max_per_order", "opens_at", "closes_at")
        widgets = dict.fromkeys(("opens_at", "closes_at"), AdminDateTimeInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["capacity"].widget.attrs["min"] = 1
        self.fields["capacity"].validators.append(MinValueValidator(1))


class NewPassForm(NewSaleForm):
    class Meta(NewSaleForm.Meta):
        fields = ("name", "takes_date_seats", *NewSaleForm.Meta.fields)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].help_text = _("“Festival pass”, “Season ticket”.")


class NewTypeForm(forms.ModelForm):
    class Meta:
        model = TicketType
        fields = ("name", "price", "limit")

    def __init__(self, *args, is_first=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["price"].localize = True
        self.fields["limit"].help_text = _("Empty: none of its own.")
        for field in self.fields.values():
            field.required = False
            field.help_text = field.help_text if is_first else ""

    def clean(self):
        """An empty row is none; one that was begun needs both."""
        data = super().clean()
        for name in ("name", "price") if self.has_changed() else ():
            if data.get(name) in ("", None) and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])
        return data


class NewTypes(forms.BaseFormSet):
    def clean(self):
        if not any(self.errors) and not self.types:
            raise ValidationError(_("Write at least one ticket type: a name and a price, 0 for a free ticket."))

    def get_form_kwargs(self, index):
        return super().get_form_kwargs(index) | {"is_first": index == 0}

    @property
    def types(self):
        """Fields of the rows that are filled in."""
        filled = [form for form in self.forms if form.has_changed() and not form.errors]
        return [{name: form.cleaned_data[name] for name in NewTypeForm.Meta.fields} for form in filled]

    @property
    def first_rows(self):
        return self.forms[:ROWS_SHOWN]

    @property
    def more_rows(self):
        return self.forms[ROWS_SHOWN:]

    @property
    def is_long(self):
        return self.is_bound and any(form.has_changed() for form in self.more_rows)


NewTypeRows = forms.formset_factory(
    NewTypeForm, formset=NewTypes, extra=MOST_TYPES, max_num=MOST_TYPES, absolute_max=MOST_TYPES
)


def clock_field(label, **options):
    return forms.TimeField(label=label, required=False, widget=AdminTimeInput, **options)


class SeveralForm(forms.Form):
    """What shall be the same on several dates. Empty stays as it is."""

    starts = clock_field(_("Starts"), help_text=_("Doors and the end go with it, unless you write them too."))
    doors = clock_field(_("Doors open"))
    ends = clock_field(_("Ends"), help_text=_("Before the start: after midnight."))
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    venue = forms.ChoiceField(label=_("Venue"), required=False)
    capacity = forms.IntegerField(label=_("Capacity"), min_value=1, max_value=LARGEST_COUNT, required=False)
    type_name = forms.ChoiceField(label=_("Ticket type"), required=False)
    price = forms.DecimalField(
        label=_("Its price in pounds"), min_value=0, max_digits=8, decimal_places=2, required=False, localize=True
    )
    opens_days = forms.IntegerField(
        label=_("Sales open this many days before"), min_value=0, max_value=LONGEST_WINDOW, required=False
    )
    closes_minutes = forms.IntegerField(
        label=_("Sales close this many minutes before"),
        min_value=0,
        max_value=LONGEST_WINDOW * 60,
        required=False,
        help_text=_("0: at the start. 120 is two hours."),
    )
    selling = forms.ChoiceField(
        label=_("Selling"),
        required=False,
        choices=[("", _("As it is")), ("stop", _("Stop selling")), ("sell", _("Sell"))],
    )
    with_tickets = forms.BooleanField(required=False)

    def __init__(self, *args, page, user, type_names, may_change_sales, may_change_types, tickets_of, **kwargs):
        super().__init__(*args, **kwargs)
        self.tickets_of, self.venues = tickets_of, {str(each.pk): each for each in choosable_rows(user, Venue)}
        as_on_page = _("As on the event page: %(venue)s") % {"venue": page.venue or "–"}
        self.fields["venue"].choices = [("", _("As it is")), (AS_ON_PAGE, as_on_page), *self.venues.items()]
        if tickets_of:
            when = {"when": isolate_text(format_start(tickets_of.starts_at))}
            self.fields["with_tickets"].label = _("Put what has no tickets on sale, with the same as %(when)s") % when
        else:
            del self.fields["with_tickets"]
        self.fields["type_name"].choices = [("", "–"), *((name, name) for name in type_names)]
        gone = [] if may_change_sales else ["capacity", "opens_days", "closes_minutes", "selling"]
        gone += [] if may_change_types and type_names else ["type_name", "price"]
        for name in gone:
            del self.fields[name]

    def clean(self):
        data = super().clean()
        if data.get("price") is not None and not data.get("type_name"):
            self.add_error("type_name", _("Which type has this price?"))
        if data.get("type_name") and data.get("price") is None and "price" not in self.errors:
            self.add_error("price", _("Write its new price."))
        if not self.errors and self.wish.sells and data.get("with_tickets"):
            self.add_error("with_tickets", _("Do this first, by itself; then change the sales."))
        if not self.errors and self.wish == Wish():
            raise ValidationError(_("Write what shall change."))
        return data

    @property
    def wish(self):
        data = dict(self.cleaned_data)
        is_active = {"stop": False, "sell": True}.get(data.pop("selling", ""))
        tickets_of = self.tickets_of if data.pop("with_tickets", False) else None
        data["name"] = data["name"] or None
        data["venue"] = self.venues.get(data["venue"], data["venue"]) or None
        return Wish(**data, is_active=is_active, tickets_of=tickets_of)
