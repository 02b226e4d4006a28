"""References of payments: made once for ever, and found again by whatever code somebody types; and the addresses of
callbacks. The provider's call is unsigned, so the address itself is the proof."""

import secrets

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from common.text.typed_codes import find_reference, find_typed_reference, tidy_code
from payments.models import Payment

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
RANDOM_PART = 6
LONGEST_TYPED = 64


def new_reference(subject):
    """`<subject>-<6 random>`, at most 64 characters (contract notes 2.2)."""
    return f"{subject}-{''.join(secrets.choice(ALPHABET) for _ in range(RANDOM_PART))}"


def possible_references(text):
    return {find_reference(text), find_typed_reference(text)} - {""}


def payment_code_filter(text):
    """For payments, by any code of a receipt, a statement or the provider's dashboard; each column has an index."""
    typed, bare = text.strip()[:LONGEST_TYPED], tidy_code(text[:LONGEST_TYPED])
    at_provider = Q(transaction_id=typed.lower()) | Q(checkout_id=typed.lower()) | Q(transaction_code=bare)
    ours = Q(subject__in=possible_references(text)) | Q(reference__startswith=typed.upper())
    return (at_provider | ours) if bare else Q(pk__in=[])


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
