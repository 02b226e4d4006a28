from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ticketing.enums import BatchState


class RefundBatch(models.Model):
    """Everybody of one sale gets their money back. `ticketing.domain.orders.states` alone changes its state.

    It can be stopped and resumed: what is done is read from the `OrderRefund` rows, never from a counter.
    """

    wagtail_reference_index_ignore = True

    sale = models.ForeignKey(
        "ticketing.EventSale", models.PROTECT, related_name="refund_batches", verbose_name=_("ticket sale")
    )
    state = models.CharField(_("state"), max_length=8, choices=BatchState, default=BatchState.RUNNING)
    reason = models.CharField(_("reason"), max_length=500)
    seats_back = models.BooleanField(_("seats back on sale"), default=False)
    tell_buyer = models.BooleanField(_("tell the buyers"), default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    notice = models.ForeignKey(
        "ticketing.ChangeNotice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="refund_batches",
        verbose_name=_("change of the event"),
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund of a whole sale")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sale"], condition=~Q(state=BatchState.DONE), name="refund_batch_one_per_sale"
            )
        ]

    def __str__(self):
        return f"{self.sale} ({self.get_state_display()})"


class OrderRefund(models.Model):
    """What happens to an order when its money goes back. Applied once, after SumUp proved `refund`.

    `applied_at` is the queue: empty means that tickets are still to be made void. Without `refund` no money goes back
    and it is applied at once.
    """

    wagtail_reference_index_ignore = True

    order = models.ForeignKey("ticketing.Order", models.PROTECT, related_name="refunds", verbose_name=_("order"))
    refund = models.OneToOneField(
        "payments.Refund", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("money back")
    )
    batch = models.ForeignKey(
        RefundBatch, models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("whole sale")
    )
    tickets = models.ManyToManyField("ticketing.Ticket", blank=True, related_name="refunds", verbose_name=_("tickets"))
    seats_back = models.BooleanField(_("seats back on sale"), default=False)
    tell_buyer = models.BooleanField(_("tell the buyer"), default=True)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    notice = models.ForeignKey(
        "ticketing.ChangeNotice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
        verbose_name=_("change of the event"),
    )
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    applied_at = models.DateTimeField(_("tickets made void"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund of an order")
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], condition=Q(applied_at__isnull=True), name="order_refund_open")]

    def __str__(self):
        return f"{self.order_id}: {self.refund_id}"
