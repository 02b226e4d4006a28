from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.enums import PaymentState, Question


class Payment(models.Model):
    """One attempt to collect an amount for a subject. `payments.domain.states.advance` alone changes its state.

    `next_check_at` is the queue: SumUp is asked about a payment when that time has come.
    """

    wagtail_reference_index_ignore = True

    subject = models.CharField(
        _("for"), max_length=32, db_index=True, help_text=_("What the money is for: an order's reference.")
    )
    reference = models.CharField(_("reference at SumUp"), max_length=64, unique=True)
    merchant = models.ForeignKey(
        "payments.MerchantAccount", models.PROTECT, related_name="payments", verbose_name=_("merchant")
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    description = models.CharField(_("description"), max_length=255)
    redirect_url = models.URLField(_("where the buyer comes back to"), max_length=500)

    state = models.CharField(_("state"), max_length=10, choices=PaymentState, default=PaymentState.CREATED)
    checkout_id = models.CharField(_("checkout"), max_length=64, unique=True, null=True, blank=True)
    hosted_url = models.URLField(_("SumUp's page"), max_length=500, blank=True)
    transaction_id = models.CharField(_("transaction"), max_length=64, blank=True)
    transaction_code = models.CharField(_("transaction code"), max_length=32, blank=True)
    problem = models.TextField(
        _("what differs"),
        blank=True,
        help_text=_("Why a paid payment was not accepted; empty when all is well."),
    )

    deadline = models.DateTimeField(_("to be paid by"))
    checks = models.PositiveIntegerField(_("looks"), default=0)
    checked_at = models.DateTimeField(_("last look"), null=True, blank=True)
    next_check_at = models.DateTimeField(_("next look"), null=True, blank=True)
    closed_at = models.DateTimeField(
        _("closed"),
        null=True,
        blank=True,
        help_text=_("After the deadline SumUp confirmed: not paid, cannot be paid."),
    )
    transacted_at = models.DateTimeField(
        _("paid at SumUp"), null=True, blank=True, help_text=_("When the money moved, by SumUp's clock.")
    )
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True, help_text=_("When we knew."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("payment")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive")]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="payment_of_merchant"),
            models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="payment_due"),
            models.Index(fields=["paid_at"], condition=Q(paid_at__isnull=False), name="payment_paid"),
            models.Index(fields=["paid_at"], condition=Q(state=PaymentState.BY_HAND), name="payment_by_hand"),
            models.Index(fields=["transaction_code"], condition=~Q(transaction_code=""), name="payment_code"),
            models.Index(fields=["transaction_id"], condition=~Q(transaction_id=""), name="payment_transaction"),
            models.Index(
                fields=["merchant", "deadline"],
                condition=Q(closed_at=None) & ~Q(state=PaymentState.PAID),
                name="payment_open",
            ),
        ]

    def __str__(self):
        return self.reference


class Observation(models.Model):
    """What SumUp answered, when, to which question: the audit trail. Never a token in it."""

    wagtail_reference_index_ignore = True

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="observations", verbose_name=_("payment"))
    at = models.DateTimeField(_("at"), auto_now_add=True)
    question = models.CharField(_("question"), max_length=12, choices=Question)
    answer = models.JSONField(_("answer"), default=dict)

    class Meta:
        verbose_name = _("observation")
        ordering = ["-id"]
        indexes = [models.Index(fields=["at"], name="observation_at")]

    def __str__(self):
        return f"{self.payment_id} {self.question}"
