"""Webhook events of a provider: which payment one is about, and whether it was told before.

An event is never believed: one about a checkout of ours makes us ask, like a callback.
"""

import hashlib

from django.core.cache import caches

from payments.domain.verification import payment_checks
from payments.models import Payment

REMEMBERED_SECONDS = 660  # longer than any provider's signature is good


def receive_event(event):
    """True when the event is about a checkout of ours and was not told before; then the payment is checked soon."""
    if not event.checkout_id:
        return False
    payment = Payment.objects.filter(checkout_id=event.checkout_id).first()
    key = f"sumup-event:{hashlib.sha256(event.id.encode('utf-8', 'replace')).hexdigest()}"
    if payment is None or caches["limits"].get(key):
        return False
    payment_checks.request_check(payment)
    caches["limits"].add(key, 1, REMEMBERED_SECONDS)  # last: what failed may be told again
    return True
