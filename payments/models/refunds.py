from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.enums import OUTSIDE_ORIGINS, RefundOrigin, RefundState


class Refund(models.Model):
    """Money that goes back for one transaction. `payments.domain.states.advance` alone changes its state.

    `next_attempt_at` is the queue. `event_id` is the REFUND (or CHARGE_BACK) event at SumUp that proves it: each event
    proves one row. Of one transaction only one refund is on its way at a time, or an unanswered call could not be told
    from another's success.
    """

    wagtail_reference_index_ignore = True

    merchant = models.ForeignKey(
        "payments.MerchantAccount", models.PROTECT, related_name="refunds", verbose_name=_("merchant")
    )
    payment = models.ForeignKey(
        "payments.Payment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
        verbose_name=_("payment"),
        help_text=_("Empty: a transaction that belongs to no payment of ours."),
    )
    subject = models.CharField(_("for"), max_length=32, blank=True, db_index=True)
    transaction_id = models.CharField(_("transaction"), max_length=64, db_index=True)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=10, choices=RefundState, default=RefundState.REQUESTED)
    origin = models.CharField(_("origin"), max_length=12, choices=RefundOrigin, default=RefundOrigin.STAFF)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    event_id = models.CharField(_("event at SumUp"), max_length=64, blank=True)
    fee_returned = models.DecimalField(
        _("SumUp fee returned"), max_digits=8, decimal_places=2, default=Decimal("0.00"), editable=False
    )
    events_before = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text=_("Ids of SumUp's events from before it was sent: none of these is the answer."),
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    expected_by = models.DateField(_("expected by"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    proved_at = models.DateTimeField(_("proved"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(
                fields=["transaction_id"], condition=Q(state=RefundState.SENT), name="refund_one_on_its_way"
            ),
            models.UniqueConstraint(
                fields=["transaction_id", "event_id"], condition=~Q(event_id=""), name="refund_event_proves_one"
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="refund_due"),
            models.Index(
                fields=["state", "created_at"],
                condition=Q(state__in=[RefundState.FAILED, RefundState.WAITING]),
                name="refund_stuck",
            ),
            models.Index(fields=["proved_at"], condition=Q(origin__in=OUTSIDE_ORIGINS), name="refund_outside"),
        ]

    def __str__(self):
        return f"{self.amount} {self.currency} for {self.subject or self.transaction_id}"

    @property
    def is_charge_back(self):
        return self.origin == RefundOrigin.CHARGE_BACK

    @property
    def is_from_outside(self):
        return self.origin in OUTSIDE_ORIGINS
