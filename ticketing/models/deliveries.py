from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ticketing.enums import DeliveryDoubt, DeliveryKind, DeliveryOutcome


class Delivery(models.Model):
    """An e-mail owed: the outbox. Of a kind, once per order, or about a notice, once per order (decision 43). Sent at
    least once; `next_attempt_at` is the queue, empty once sent or given up.

    `doubt`: an attempt that nobody answered, and what came of asking the provider.
    """

    wagtail_reference_index_ignore = True

    order = models.ForeignKey("ticketing.Order", models.CASCADE, related_name="deliveries", verbose_name=_("order"))
    kind = models.CharField(_("kind"), max_length=16, choices=DeliveryKind, null=True, blank=True)
    notice = models.ForeignKey(
        "ticketing.ChangeNotice",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("change notice"),
    )
    recipient = models.EmailField(
        _("to"),
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("Empty: the buyer. Another address is forgotten once the e-mail is sent."),
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    requested_at = models.DateTimeField(_("asked for"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    message_id = models.CharField(_("message id"), max_length=200, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    doubt = models.CharField(
        _("lost answer"), max_length=12, choices=DeliveryDoubt, blank=True, default="", db_default=""
    )
    outcome = models.CharField(
        _("what became of it"), max_length=12, choices=DeliveryOutcome, blank=True, default="", db_default=""
    )
    outcome_at = models.DateTimeField(_("heard at"), null=True, blank=True)
    outcome_reason = models.CharField(_("reason"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="delivery_once_per_kind"),
            models.UniqueConstraint(
                fields=["notice", "order"], condition=Q(notice__isnull=False), name="delivery_once_per_notice"
            ),
            models.CheckConstraint(
                condition=Q(kind__isnull=False, notice=None) | Q(kind=None, notice__isnull=False),
                name="delivery_of_a_kind_or_a_notice",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="delivery_owed"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="delivery_message"),
        ]

    def __str__(self):
        return f"{self.name} for {self.order_id}"

    @property
    def name(self):
        """Of its kind, for logs."""
        return self.kind or f"notice-{self.notice_id}"

    @property
    def label(self):
        return self.get_kind_display() if self.kind else _("change of the event")
