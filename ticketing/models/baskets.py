import secrets
from base64 import b32encode

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _


def new_token():
    """192 random bits."""
    return secrets.token_urlsafe(24)


def new_link_token():
    """200 random bits for an address: in one case, as mail programs and people change the case of what they pass on."""
    return b32encode(secrets.token_bytes(25)).decode().lower()


class Placed(models.Model):
    """Seats that count against somebody's share of a sale while nobody has paid for them.

    `place` is where the basket was begun (`common.http.network_addresses.home_network`), `network` what lies around it.
    """

    place = models.GenericIPAddressField(
        _("held from"), null=True, blank=True, help_text=_("So that one place cannot hold every seat.")
    )
    network = models.GenericIPAddressField(_("network of it"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Basket(models.Model):
    """What somebody is about to buy. Known by the random token in their cookie; no account."""

    wagtail_reference_index_ignore = True

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    extensions = models.PositiveSmallIntegerField(_("times extended"), default=0)
    buyer_name = models.CharField(_("name"), max_length=120, blank=True)
    buyer_email = models.EmailField(_("e-mail"), blank=True)
    address = models.GenericIPAddressField(
        _("from"),
        null=True,
        blank=True,
        help_text=_("So that one address cannot hold every seat. Goes with the basket."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("basket")
        indexes = [
            models.Index(fields=["address", "created_at"], condition=Q(address__isnull=False), name="basket_address"),
            models.Index(Upper("buyer_email"), condition=~Q(buyer_email=""), name="basket_of_buyer"),
            models.Index(fields=["created_at"], name="basket_age"),
        ]

    def __str__(self):
        return f"Basket {self.pk}"


class BasketLine(Placed):
    """Some tickets of one type in a basket. With `expires_at` set it is a hold: its quantity counts in the stock.

    `place` and `network` go with the hold.
    """

    wagtail_reference_index_ignore = True

    basket = models.ForeignKey(Basket, models.CASCADE, related_name="lines")
    ticket_type = models.ForeignKey("ticketing.TicketType", models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    unit_price = models.DecimalField(
        _("price each"),
        max_digits=8,
        decimal_places=2,
        help_text=_("All-in, as shown when the seats were held."),
    )
    unit_fee = models.DecimalField(_("fee in it"), max_digits=6, decimal_places=2)
    expires_at = models.DateTimeField(_("held until"), null=True, blank=True)

    class Meta:
        verbose_name = _("basket line")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["basket", "ticket_type"], name="basket_line_per_type"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="basket_line_positive"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="hold_expiry"),
            models.Index(fields=["network"], condition=Q(expires_at__isnull=False), name="hold_network"),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.ticket_type_id}"

    @property
    def total(self):
        """Pounds, all-in."""
        return self.unit_price * self.quantity
