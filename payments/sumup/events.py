"""SumUp's signed events: is one SumUp's, is it fresh, and what is it about (contract notes 4.2)."""

import hashlib
import hmac
import json
import re

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from common.text.typed_text import tidy_line
from payments.provider import BadWebhookEvent, WebhookEvent

SIGNATURE_TOLERANCE = 300  # seconds between SumUp's clock and ours, inclusive
LARGEST_TIME = 2**53 - 1
SIGNATURE = re.compile(r"t=(0|[1-9][0-9]{0,15}),v1=([0-9a-fA-F]{64})", re.ASCII)
LONGEST_TEXT = 500


def read_event(body, *, signature):
    """`body` are the raw bytes, `signature` the header. Raises `BadWebhookEvent`; an unknown kind of event is none."""
    check_signature(body, signature)
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
    event_id, _type, object_id, object_type = fields
    return WebhookEvent(event_id, checkout_id=object_id if object_type == "checkout" else "")


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
