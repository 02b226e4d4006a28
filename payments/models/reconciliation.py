from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.enums import DiscrepancyKind, DiscrepancyState, Explanation, MovementKind


def pounds_field(verbose_name, **options):
    return models.DecimalField(verbose_name, max_digits=12, decimal_places=2, default=Decimal("0.00"), **options)


class Movement(models.Model):
    """One line of SumUp's own lists (history and payouts), as last read: what really moved. Never written by hand."""

    wagtail_reference_index_ignore = True

    merchant = models.ForeignKey(
        "payments.MerchantAccount", models.PROTECT, related_name="movements", verbose_name=_("merchant")
    )
    kind = models.CharField(_("kind"), max_length=24, choices=MovementKind)
    sumup_id = models.CharField(_("id at SumUp"), max_length=64)
    transaction_id = models.CharField(_("transaction"), max_length=64, blank=True, db_index=True)
    transaction_code = models.CharField(_("transaction code"), max_length=32, blank=True, db_index=True)
    payment = models.ForeignKey(
        "payments.Payment",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="movements",
        verbose_name=_("payment"),
        help_text=_("Matched by SumUp's ids only."),
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=24, blank=True)
    payment_type = models.CharField(_("paid by"), max_length=16, blank=True, help_text=_("ECOM is online."))
    summary = models.CharField(_("description"), max_length=255, blank=True)
    fee = models.DecimalField(_("SumUp fee"), max_digits=8, decimal_places=2, null=True, blank=True)
    payout_reference = models.CharField(_("payout"), max_length=64, blank=True)
    payout_date = models.DateField(_("paid out"), null=True, blank=True)
    at = models.DateTimeField(_("at"), db_index=True)
    seen_at = models.DateTimeField(_("last read"), auto_now=True)

    class Meta:
        verbose_name = _("movement")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "kind", "sumup_id"], name="movement_once"),
        ]
        indexes = [
            models.Index(fields=["merchant", "at"], name="movement_of_day"),
            models.Index(fields=["sumup_id"], name="movement_at_sumup"),
            models.Index(fields=["payout_reference"], condition=~Q(payout_reference=""), name="movement_paid_out"),
            models.Index(
                fields=["merchant", "payout_date"], condition=Q(kind=MovementKind.PAYMENT), name="movement_payout"
            ),
            models.Index(
                fields=["merchant", "at"],
                condition=Q(kind__in=[MovementKind.REFUND, MovementKind.CHARGE_BACK]),
                name="movement_back",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.transaction_code or self.sumup_id}"


class ReconciliationRun(models.Model):
    """The report of one merchant and day (local). One row each; a rerun writes the same figures again."""

    wagtail_reference_index_ignore = True

    merchant = models.ForeignKey(
        "payments.MerchantAccount", models.PROTECT, related_name="runs", verbose_name=_("merchant")
    )
    day = models.DateField(_("day"))
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, help_text=_("Empty: not read to the end."))
    error = models.CharField(_("what went wrong"), max_length=200, blank=True)
    payments = models.PositiveIntegerField(_("payments"), default=0)
    orders = models.PositiveIntegerField(_("orders"), default=0)
    gross = pounds_field(_("taken"))
    refunded = pounds_field(_("given back"))
    charged_back = pounds_field(_("charged back"))
    fees = pounds_field(_("SumUp fees"))
    paid_out = pounds_field(_("paid out"))
    not_ours = pounds_field(_("not ours"), help_text=_("Takings of the same account that staff called not ours."))
    unmatched = pounds_field(_("unmatched"))
    open_discrepancies = models.PositiveIntegerField(_("open discrepancies"), default=0)

    class Meta:
        verbose_name = _("daily report")
        ordering = ["-day", "merchant"]
        constraints = [models.UniqueConstraint(fields=["merchant", "day"], name="run_once_per_day")]
        indexes = [models.Index(fields=["-day", "-id"], name="run_in_order")]

    def __str__(self):
        return f"{self.merchant} {self.day}"


class Discrepancy(models.Model):
    """Where SumUp's list and our rows disagree, in a plain sentence, until it clears or somebody explains it."""

    wagtail_reference_index_ignore = True

    merchant = models.ForeignKey(
        "payments.MerchantAccount", models.PROTECT, related_name="discrepancies", verbose_name=_("merchant")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=DiscrepancyKind)
    key = models.CharField(max_length=80, editable=False, help_text=_("What it is about: the same finding is one row."))
    day = models.DateField(_("day"))
    sentence = models.TextField(_("what differs"))
    amount = pounds_field(_("amount"))
    transaction_id = models.CharField(_("transaction"), max_length=64, blank=True)
    payment = models.ForeignKey(
        "payments.Payment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="discrepancies",
        verbose_name=_("payment"),
    )
    refund = models.ForeignKey(
        "payments.Refund", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("refund")
    )
    state = models.CharField(_("state"), max_length=10, choices=DiscrepancyState, default=DiscrepancyState.OPEN)
    explanation = models.CharField(_("explanation"), max_length=10, choices=Explanation, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    explained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    found_at = models.DateTimeField(_("found"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("discrepancy")
        verbose_name_plural = _("discrepancies")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "kind", "key"], name="discrepancy_once")]
        indexes = [
            models.Index(fields=["merchant", "day"], condition=Q(state=DiscrepancyState.OPEN), name="discrepancy_open"),
            models.Index(fields=["-closed_at", "-day", "-id"], name="discrepancy_in_order"),
            models.Index(fields=["transaction_id"], name="discrepancy_transaction"),
            models.Index(fields=["key"], name="discrepancy_key"),
        ]

    def __str__(self):
        return self.sentence[:80]
