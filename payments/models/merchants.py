from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.enums import MerchantKind, MerchantStatus


class MerchantAccount(models.Model):
    """A SumUp account that money goes to. The site's own one takes its key from the environment, never from here."""

    merchant_code = models.CharField(_("merchant code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=120, help_text=_("As it stands on the buyer's card statement."))
    kind = models.CharField(_("kind"), max_length=10, choices=MerchantKind, default=MerchantKind.API_KEY)
    status = models.CharField(_("status"), max_length=10, choices=MerchantStatus, default=MerchantStatus.CONNECTED)
    currency = models.CharField(_("currency"), max_length=3, default="GBP")
    sandbox = models.BooleanField(_("sandbox"), null=True, help_text=_("What SumUp says; empty until it was asked."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("merchant account")
        ordering = ["name"]

    def __str__(self):
        return self.name
