from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import Count, F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events_pages.dates.schedule import Schedule
from ticketing.enums import FeePolicy


class Counted(models.Model):
    """Something scarce. `ticketing.domain.stock.allocation` alone moves `allocated`, by conditional UPDATE.

    A form or a script that saves the whole row would turn the counter back to what it had read, so an update leaves
    it out unless it is named.
    """

    allocated = models.PositiveIntegerField(_("allocated"), default=0, editable=False)
    set_once = ("allocated",)
    """Columns that saving a row again never writes."""

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        if update_fields is None and not self._state.adding and not kwargs.get("force_insert"):
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in self.set_once
            ]
        super().save(*args, update_fields=update_fields, **kwargs)

    def clean_limit(self, field, limit):
        """Refuses a limit below what is already allocated; reads the counter afresh."""
        if limit is None or not self.pk:
            return
        allocated = type(self).objects.values_list("allocated", flat=True).get(pk=self.pk)
        if limit < allocated:
            raise ValidationError({field: describe_allocated(allocated)})


def describe_allocated(allocated):
    """Why a limit below that is refused."""
    words = ngettext(
        "%(count)d seat is already sold or being bought: choose %(count)d or more.",
        "%(count)d seats are already sold or being bought: choose %(count)d or more.",
        allocated,
    )
    return words % {"count": allocated}


def clean_window(opens_at, closes_at):
    if opens_at and closes_at and closes_at <= opens_at:
        raise ValidationError({"closes_at": _("Sales must close after they open.")})


class EventSale(Counted):
    """Tickets to one date of an event page, on sale; without a date a pass, which admits to every date once."""

    page = models.ForeignKey(
        "events_pages.EventPage", models.PROTECT, related_name="sales", verbose_name=_("event page")
    )
    performance = models.ForeignKey(
        "events_pages.Performance",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sales",
        verbose_name=_("date"),
        help_text=_("Empty: a pass for all dates of the page."),
    )
    name = models.CharField(
        _("name"),
        max_length=80,
        blank=True,
        help_text=_("Of a pass, or where one date has several sales: “Festival pass”, “Balcony”."),
    )
    takes_date_seats = models.BooleanField(
        _("passes take a seat on every date"),
        default=False,
        db_default=False,
        help_text=_("Ticked: each pass counts in the capacity of every date too, not only in its own."),
    )
    capacity = models.PositiveIntegerField(
        _("capacity"), help_text=_("Seats for all ticket types together. Never more than the permit allows.")
    )
    opens_at = models.DateTimeField(
        _("sales open"),
        null=True,
        blank=True,
        help_text=_("Empty: on sale as soon as the page is published."),
    )
    closes_at = models.DateTimeField(
        _("sales close"),
        null=True,
        blank=True,
        help_text=_("Empty: when the performance starts; of a pass, when the last one does."),
    )
    max_per_order = models.PositiveSmallIntegerField(
        _("most tickets per order"), default=10, validators=[MinValueValidator(1)]
    )
    merchant = models.ForeignKey(
        "payments.MerchantAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("paid to"),
        help_text=_("Empty: the site's own SumUp account."),
    )
    fee_policy = models.CharField(_("booking fee"), max_length=8, choices=FeePolicy, default=FeePolicy.ABSORB)
    booking_fee = models.DecimalField(
        _("fee per ticket"),
        max_digits=6,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal("0.00"))],
        help_text=_("Pounds. Buyers always see the price with the fee in it; free tickets have none."),
    )
    is_active = models.BooleanField(
        _("selling"), default=True, help_text=_("Untick to stop selling at once; what is sold stays valid.")
    )

    class Meta:
        verbose_name = _("ticket sale")
        ordering = ["performance__starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(allocated__lte=F("capacity")), name="sale_never_oversold"),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(opens_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="sale_window_makes_sense",
            ),
            models.CheckConstraint(condition=Q(max_per_order__gte=1), name="sale_max_per_order_positive"),
            models.CheckConstraint(condition=Q(booking_fee__gte=0), name="sale_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(performance=None) | Q(takes_date_seats=False), name="sale_of_one_date_is_no_pass"
            ),
        ]

    def __str__(self):
        return f"{self.page.title} – {self.date_name}" if self.date_name else self.page.title

    set_once = ("allocated", "page", "performance", "takes_date_seats")
    """What is counted where hangs on them: a sale for another date is another sale."""

    @transaction.atomic
    def save(self, *args, **kwargs):
        """A new date begins with the seats that passes have taken on every date; they are locked, so none is missed."""
        if self._state.adding and self.performance_id:
            self.allocated = sum(each.allocated for each in list_passes_on_dates(self.page_id).select_for_update())
        super().save(*args, **kwargs)

    def clean(self):
        self.clean_limit("capacity", self.capacity)
        self.clean_passes()
        clean_window(self.opens_at, self.closes_at)
        if self.performance_id and self.performance.page_id != self.page_id:
            raise ValidationError({"performance": _("Choose a date of this event page.")})
        if self.closes_at and self.opens_at and self.starts_at and self.opens_at >= self.last_start:
            raise ValidationError({"opens_at": _("Sales must open before the performance starts.")})

    def clean_passes(self):
        if self.pk is None and self.performance_id:
            taken = sum(each.allocated for each in list_passes_on_dates(self.page_id))
            if self.capacity is not None and self.capacity < taken:
                words = _("%(count)d passes take a seat on every date: choose %(count)d or more.") % {"count": taken}
                raise ValidationError({"capacity": words})
        if not self.takes_date_seats:
            return
        if self.performance_id:
            raise ValidationError({"takes_date_seats": _("Only a pass takes seats on every date.")})
        sales = EventSale.objects.filter(page=self.page_id, performance__isnull=False).order_by()
        if sales.values("performance").annotate(number=Count("pk")).filter(number__gt=1).exists():
            raise ValidationError({"takes_date_seats": _("One date has several sales: in which would a pass count?")})

    @property
    def is_pass(self):
        return self.performance_id is None

    @cached_property
    def date_sales(self):
        """For a pass that takes a seat on every date: the sales of those dates."""
        if not self.takes_date_seats:
            return []
        return list(EventSale.objects.filter(page=self.page_id, performance__isnull=False))

    @cached_property
    def schedule(self):
        """The dates that its tickets admit to: one, or all of the page for a pass."""
        if self.is_pass:
            return self.page.schedule
        self.performance.page = self.page
        return Schedule((self.performance,))

    @property
    def date_name(self):
        """“Matinee”, “Balcony”, “Festival pass”; "" where nothing tells it apart."""
        own = self.performance.name if self.performance_id else ""
        return ", ".join(filter(None, [own, self.name]))

    @property
    def starts_at(self):
        """Of its date, of a pass the first; None for a pass of a page without dates."""
        return self.schedule.starts_at

    @property
    def last_start(self):
        return self.schedule.last_start

    @property
    def doors_at(self):
        return self.performance.doors_at if self.performance_id else None

    @property
    def status(self):
        return self.schedule.status

    @property
    def venue(self):
        return self.schedule.first.own_venue if self.performance_id else self.page.venue

    @property
    def place(self):
        return self.schedule.first.place if self.performance_id else self.page.place


def list_passes_on_dates(page_id):
    """The passes of a page that take a seat on every date."""
    return EventSale.objects.filter(page=page_id, takes_date_seats=True).order_by("pk")


class TicketType(Counted):
    """A kind of ticket of one sale: what it is called and what it costs."""

    sale = models.ForeignKey(EventSale, models.PROTECT, related_name="ticket_types", verbose_name=_("ticket sale"))
    name = models.CharField(_("name"), max_length=80, help_text=_("“Adult”, “Child under 12”, “Wheelchair user”."))
    description = models.CharField(_("description"), max_length=200, blank=True)
    price = models.DecimalField(
        _("price"),
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.00"))],
        help_text=_("Pounds. 0 for a free ticket."),
    )
    limit = models.PositiveIntegerField(
        _("limit of this type"), null=True, blank=True, help_text=_("Empty: only the sale's capacity counts.")
    )
    opens_at = models.DateTimeField(_("on sale from"), null=True, blank=True)
    closes_at = models.DateTimeField(_("on sale until"), null=True, blank=True)
    min_per_order = models.PositiveSmallIntegerField(_("least per order"), default=1, validators=[MinValueValidator(1)])
    max_per_order = models.PositiveSmallIntegerField(
        _("most per order"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    access_code = models.CharField(
        _("access code"), max_length=40, blank=True, help_text=_("Hidden until the buyer enters this code.")
    )
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("selling"), default=True)

    class Meta:
        verbose_name = _("ticket type")
        ordering = ["sort_order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(allocated__lte=F("limit")), name="type_never_oversold"
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="type_price_not_negative"),
            models.CheckConstraint(
                condition=Q(max_per_order__isnull=True) | Q(max_per_order__gte=F("min_per_order")),
                name="type_limits_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(opens_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="type_window_makes_sense",
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        self.clean_limit("limit", self.limit)
        clean_window(self.opens_at, self.closes_at)
        if self.max_per_order and self.min_per_order and self.max_per_order < self.min_per_order:
            raise ValidationError({"max_per_order": _("The most cannot be less than the least.")})
