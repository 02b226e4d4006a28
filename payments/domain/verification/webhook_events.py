"""Signed webhook events: are they the provider's, are they new, and which payment they are about (contract notes 4.2).

An event is never believed: one about a checkout of ours makes us ask, like a callback.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from common.text.typed_text import tidy_line
from payments.domain.verification import payment_checks
from payments.models import Payment

SIGNATURE_TOLERANCE = 300  # seconds between SumUp's clock and ours, inclusive
REMEMBERED_SECONDS = 2 * SIGNATURE_TOLERANCE + 60  # seconds: as long as its signature can be good
LARGEST_TIME = 2**53 - 1
SIGNATURE = re.compile(r"t=(0|[1-9][0-9]{0,15}),v1=([0-9a-fA-F]{64})", re.ASCII)
LONGEST_TEXT = 500


class BadWebhookEvent(Exception):
    """Wrongly signed, too old, or not an event."""


@dataclass(frozen=True)
class WebhookEvent:
    id: str
    type: str
    object_id: str
    object_type: str


def receive_event(body, *, signature):
    """True when the event is about a checkout of ours and was not told before; then the payment is checked soon.

    `body` are the raw bytes, `signature` the header. Raises `BadWebhookEvent`. Unknown kinds and objects are no error.
    """
    check_signature(body, signature)
    event = parse_event(body)
    if event.object_type != "checkout":
        return False
    payment = Payment.objects.filter(checkout_id=event.object_id).first()
    key = _cache_key(event)
    if payment is None or caches["limits"].get(key):
        return False
    payment_checks.request_check(payment)
    caches["limits"].add(key, 1, REMEMBERED_SECONDS)  # last: what failed may be told again
    return True


def check_signature(body, signature):
    """HMAC-SHA256 of `v1:<t>:<body>`, compared in constant time; `t` at most 300 s away. Raises `BadWebhookEvent`."""
    found = SIGNATURE.fullmatch((signature or "").strip())
    if not found:
        raise BadWebhookEvent("no signature")
    spelled, given = found.groups()
    mac = hmac.new(settings.SUMUP_EVENTS_SECRET.encode(), b"v1:" + spelled.encode() + b":" + body, hashlib.sha256)
    if not constant_time_compare(mac.hexdigest(), given.lower()):
        raise BadWebhookEvent("the signature is not SumUp's")
    if int(spelled) > LARGEST_TIME or abs(int(timezone.now().timestamp()) - int(spelled)) > SIGNATURE_TOLERANCE:
        raise BadWebhookEvent("too old or too new")


def parse_event(body):
    try:
        document = json.loads(body)
        inner = document["object"]
        fields = [document["id"], document["type"], inner["id"], inner["type"]]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise BadWebhookEvent("not an event") from None
    if not all(
        isinstance(field, str) and 0 < len(field) <= LONGEST_TEXT and tidy_line(field) == field for field in fields
    ):
        raise BadWebhookEvent("not an event")
    return WebhookEvent(*fields)


def _cache_key(event):
    return f"sumup-event:{hashlib.sha256(event.id.encode('utf-8', 'replace')).hexdigest()}"
