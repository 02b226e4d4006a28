"""Callback addresses. The provider's call is unsigned, so the address itself is the proof."""

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from payments.models import Payment

SALT = "payments.callback"
LONGEST_ID = 18


def make_callback_token(payment):
    """`<id>-<mac>`: finds the payment, and only we can have made it."""
    mac = salted_hmac(SALT, payment.reference, algorithm="sha256").hexdigest()[:32]
    return f"{payment.pk}-{mac}"


def find_payment_by_token(given):
    payment_id, _, _mac = given.partition("-")
    if not (payment_id.isascii() and payment_id.isdigit() and len(payment_id) <= LONGEST_ID):
        return None
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None or not constant_time_compare(make_callback_token(payment), given):
        return None
    return payment


def build_callback_url(payment):
    return f"{settings.SITE_URL}{reverse('payments:callback', args=[make_callback_token(payment)])}"
