from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.search.fields import SearchWordsField
from common.search.words import fold_words
from common.text.email_addresses import readable_email
from events_pages.public.search_words import MOST_DAYS, words_of_day
from payments.money import ZERO
from ticketing.enums import OrderState
from ticketing.models.baskets import Placed, new_link_token


class Order(Placed):
    """A purchase from one merchant. `ticketing.domain.orders.states.advance` alone changes its state."""

    wagtail_reference_index_ignore = True

    reference = models.CharField(_("reference"), max_length=16, unique=True)
    token = models.CharField(max_length=40, default=new_link_token, editable=False)
    state = models.CharField(_("state"), max_length=24, choices=OrderState, default=OrderState.PENDING_VERIFICATION)
    review_reason = models.TextField(_("why it needs a person"), blank=True)
    buyer_name = models.CharField(_("name"), max_length=120)
    buyer_email = models.EmailField(_("e-mail"))
    merchant = models.ForeignKey(
        "payments.MerchantAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("paid to"),
        help_text=_("Empty for a free order."),
    )
    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="GBP")
    terms_version = models.CharField(_("terms accepted"), max_length=40)
    accepted_at = models.DateTimeField(_("accepted at"))
    accepted_from = models.GenericIPAddressField(_("accepted from"), null=True, blank=True)
    deadline = models.DateTimeField(_("to be paid by"))
    basket_token = models.CharField(
        max_length=32,
        db_index=True,
        editable=False,
        help_text=_("The basket it came from: answers a repeated form."),
    )
    created_at = models.DateTimeField(_("ordered"), auto_now_add=True)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    erased_at = models.DateTimeField(
        _("person erased"), null=True, blank=True, help_text=_("Figures stay; the name, e-mail and address are gone.")
    )

    class Meta:
        verbose_name = _("order")
        ordering = ["-id"]
        permissions = [("refund_order", _("Can refund orders and decide those that need a person"))]
        constraints = [models.CheckConstraint(condition=Q(total__gte=0), name="order_total_not_negative")]
        indexes = [
            models.Index(
                fields=["deadline"],
                condition=Q(state=OrderState.PENDING_VERIFICATION),
                name="order_pending",
            ),
            models.Index(
                fields=["deadline"],
                condition=Q(state__in=[OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED]),
                name="order_lapsed",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(state=OrderState.REQUIRES_MANUAL_REVIEW),
                name="order_review",
            ),
            models.Index(fields=["network"], condition=Q(state=OrderState.PENDING_VERIFICATION), name="order_unpaid"),
            models.Index(fields=["network", "created_at"], condition=Q(total=0), name="order_free"),
            models.Index(Upper("buyer_email"), name="order_of_buyer"),  # what `__iexact` asks PostgreSQL
        ]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return reverse("ticketing:order", args=[self.reference, self.token])

    @property
    def full_url(self):
        return f"{settings.SITE_URL}{self.get_absolute_url()}"

    @property
    def admin_path(self):
        """From the site's root."""
        return reverse("orders:inspect", args=[self.pk])

    @property
    def readable_email(self):
        return readable_email(self.buyer_email)

    @property
    def buyer(self):
        return self.buyer_name or _("an erased person")

    @property
    def is_free(self):
        return self.total == 0


class OrderLine(models.Model):
    """What was bought, copied at purchase. `allocated` is how many of its seats count in the stock."""

    wagtail_reference_index_ignore = True

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"))
    ticket_type = models.ForeignKey(
        "ticketing.TicketType", models.PROTECT, related_name="order_lines", verbose_name=_("ticket type")
    )
    sale = models.ForeignKey(
        "ticketing.EventSale", models.PROTECT, related_name="order_lines", verbose_name=_("ticket sale")
    )
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    allocated = models.PositiveSmallIntegerField(_("seats taken"))
    unit_price = models.DecimalField(_("price each"), max_digits=8, decimal_places=2)
    unit_fee = models.DecimalField(_("fee in it"), max_digits=6, decimal_places=2)
    gst_rate = models.DecimalField(
        _("GST in it, per cent"), max_digits=4, decimal_places=2, default=ZERO, db_default=ZERO
    )
    gst_number = models.CharField(_("GST number"), max_length=20, blank=True, default="", db_default="")
    event_title = models.CharField(_("event"), max_length=255)
    type_name = models.CharField(_("ticket"), max_length=80)
    sale_name = models.CharField(_("performance"), max_length=80, blank=True)
    venue = models.CharField(_("venue"), max_length=255, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    doors_at = models.DateTimeField(_("doors"), null=True, blank=True)
    search_words = SearchWordsField()

    class Meta:
        verbose_name = _("order line")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["id"], condition=Q(search_words=""), name="order_line_unfolded"),
            models.Index(fields=["sale", "-order"], name="order_line_of_sale"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_positive"),
            models.CheckConstraint(condition=Q(allocated__lte=F("quantity")), name="order_line_seats_bounded"),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.type_name}, {self.event_title}"

    def words_to_find(self):
        """What a caller would say: who, what, where, when, how much, when ordered. Of what moved both the day that was
        bought and that of today. On the line and not on the order, so that nobody finds out by searching what somebody
        bought from another organiser."""
        order, sale = self.order, self.sale
        days = [self.starts_at, order.created_at, *(each.starts_at for each in list(sale.schedule)[:MOST_DAYS])]
        sold = (self.event_title, self.type_name, self.sale_name, self.venue, sale.date_name, sale.place)
        told = (order.reference, order.buyer_name, order.buyer_email, order.total)
        return fold_words(*told, known=(*sold, *map(words_of_day, days)))

    @property
    def total(self):
        """Pounds, all-in."""
        return self.unit_price * self.quantity
