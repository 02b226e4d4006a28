from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.enums import MerchantKind, MerchantStatus


class MerchantAccount(models.Model):
    """A SumUp account that money goes to. The site's own one takes its key from the environment, never from here.

    Both tokens are encrypted (`payments.domain.merchants.token_encryption`).
    No form, list, export or log ever names these two columns.
    """

    wagtail_reference_index_ignore = True

    merchant_code = models.CharField(_("merchant code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=120, help_text=_("As it stands on the buyer's card statement."))
    kind = models.CharField(_("kind"), max_length=10, choices=MerchantKind, default=MerchantKind.API_KEY)
    status = models.CharField(_("status"), max_length=10, choices=MerchantStatus, default=MerchantStatus.CONNECTED)
    currency = models.CharField(_("currency"), max_length=3, default="GBP")
    sandbox = models.BooleanField(_("sandbox"), null=True, help_text=_("What SumUp says; empty until it was asked."))
    group = models.ForeignKey(
        "auth.Group",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("run by"),
        help_text=_("Who sees it and sells for it, besides administrators. Empty: administrators alone."),
    )
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("connected by"),
    )
    connected_at = models.DateTimeField(_("connected"), null=True, blank=True)
    scope = models.CharField(_("granted"), max_length=200, blank=True, editable=False)
    access_token = models.TextField(blank=True, editable=False)
    refresh_token = models.TextField(blank=True, editable=False)
    token_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    renewing_until = models.DateTimeField(null=True, blank=True, editable=False)
    status_reason = models.CharField(_("why"), max_length=200, blank=True)
    checked_at = models.DateTimeField(_("connection last tried"), null=True, blank=True)
    watched_at = models.DateTimeField(_("last watched"), null=True, blank=True, editable=False)
    watched_since = models.DateTimeField(null=True, blank=True, editable=False)
    walked_until = models.DateTimeField(_("SumUp's list read up to"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("merchant account")
        ordering = ["name"]

    def __str__(self):
        return self.name
