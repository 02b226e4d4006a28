from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketing.enums import ErasureKind


class Erasure(models.Model):
    """The certificate that somebody's data went: when, why and how much, without the person.

    `subject` is a keyed digest of the e-mail address, so that “was I erased?” can be answered and nobody can read it.
    """

    wagtail_reference_index_ignore = True

    kind = models.CharField(_("why"), max_length=12, choices=ErasureKind)
    subject = models.CharField(max_length=64, blank=True, editable=False)
    orders = models.PositiveIntegerField(_("orders"), default=0)
    tickets = models.PositiveIntegerField(_("tickets"), default=0)
    baskets = models.PositiveIntegerField(_("baskets"), default=0)
    ended_before = models.DateTimeField(_("events that ended before"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)
    waiting = models.JSONField(
        null=True,
        editable=False,
        help_text=_("Of a request: ids of the orders that it had to leave. Empty: nobody has looked for them yet."),
    )

    class Meta:
        verbose_name = _("erasure")
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject"], name="erasure_subject")]

    def __str__(self):
        return f"{self.kind} {self.at:%Y-%m-%d}"
