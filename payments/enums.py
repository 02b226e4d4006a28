"""The words of payments. No status text is typed anywhere else."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaymentState(models.TextChoices):
    CREATED = "created", _("created")  # ours alone: SumUp has not confirmed a checkout yet
    OPEN = "open", _("open")
    PAID = "paid", _("paid")
    FAILED = "failed", _("failed")  # the last attempt was declined; may still turn paid
    EXPIRED = "expired", _("expired")  # the deadline passed unpaid; may still turn paid


class MerchantKind(models.TextChoices):
    API_KEY = "api_key", _("API key of the site")
    OAUTH = "oauth", _("connected account")


class MerchantStatus(models.TextChoices):
    CONNECTED = "connected", _("connected")
    BROKEN = "broken", _("broken")
    REVOKED = "revoked", _("revoked")


class Question(models.TextChoices):
    """What we asked SumUp."""

    CREATE = "create", _("create a checkout")
    LIST = "list", _("list by reference")
    GET = "get", _("read the checkout")
    DEACTIVATE = "deactivate", _("deactivate the checkout")


class CheckoutStatus(models.TextChoices):
    """SumUp's own words for a checkout. FAILED is not final: the payer may try again on the same page."""

    PENDING = "PENDING", _("waiting for the payer")
    FAILED = "FAILED", _("last attempt declined")
    PAID = "PAID", _("paid")
    EXPIRED = "EXPIRED", _("expired")


class TransactionStatus(models.TextChoices):
    """SumUp's own words for one attempt to pay."""

    SUCCESSFUL = "SUCCESSFUL", _("successful")
    CANCELLED = "CANCELLED", _("cancelled")
    FAILED = "FAILED", _("declined")
    PENDING = "PENDING", _("pending")
    REFUNDED = "REFUNDED", _("refunded")
