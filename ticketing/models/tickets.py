from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.text.direction import isolate_text
from ticketing.enums import CheckInResult, TicketState


class Ticket(models.Model):
    """One seat; of a pass one at every date, for which it stays valid.

    `ticketing.domain.admission.checkin.redeem_ticket` alone uses it up.
    """

    wagtail_reference_index_ignore = True

    line = models.ForeignKey(
        "ticketing.OrderLine", models.PROTECT, related_name="tickets", verbose_name=_("order line")
    )
    sale = models.ForeignKey(
        "ticketing.EventSale", models.PROTECT, related_name="tickets", verbose_name=_("ticket sale")
    )
    number = models.PositiveSmallIntegerField(_("number in the line"))
    code = models.CharField(_("code"), max_length=16, unique=True)
    holder_name = models.CharField(_("holder"), max_length=120)
    state = models.CharField(_("state"), max_length=6, choices=TicketState, default=TicketState.VALID)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    created_at = models.DateTimeField(_("issued"), auto_now_add=True)

    class Meta:
        verbose_name = _("ticket")
        ordering = ["id"]
        indexes = [models.Index(fields=["sale", "-id"], name="ticket_of_sale")]
        constraints = [models.UniqueConstraint(fields=["line", "number"], name="ticket_once_per_seat")]

    def __str__(self):
        return self.code

    @property
    def description(self):
        """For a sentence: what it is and whose."""
        return f"{isolate_text(self.line.type_name)}, {isolate_text(self.holder_name or '–')}"


class CheckIn(models.Model):
    """Every scan at the door, good or bad; a ticket is admitted once at each performance."""

    wagtail_reference_index_ignore = True

    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, blank=True, related_name="check_ins", verbose_name=_("ticket")
    )
    performance = models.ForeignKey(
        "events_pages.Performance",
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="check_ins",
        verbose_name=_("scanned for"),
    )
    result = models.CharField(_("result"), max_length=12, choices=CheckInResult)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("check-in")
        ordering = ["-id"]
        indexes = [models.Index(fields=["performance", "-id"], name="check_in_of_performance")]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "performance"],
                condition=models.Q(result=CheckInResult.ACCEPTED),
                name="admitted_once_per_performance",
            )
        ]

    def __str__(self):
        return f"{self.ticket_id} {self.result}"
