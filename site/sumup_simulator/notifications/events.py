"""Signed events, the newer way to hear of checkouts: one address for all of them, and a signature.

As the official SDKs verify them: `X-SumUp-Webhook-Signature: t=<unix seconds>,v1=<hex>`, HMAC-SHA256 over `v1:`, t,
`:` and the body. created, paid and failed come at most once for each checkout. The signature's time is that of this
machine, whatever `/_sim/clock` says, and new with each try; nothing says how often SumUp tries again, here as often as
for a callback, after a 5xx or no answer.
"""

import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field

from sumup_simulator.sandbox.records import CheckoutStatus, z_stamp

HEADER = "X-SumUp-Webhook-Signature"
TYPES = {
    CheckoutStatus.PENDING: "checkouts.created",
    CheckoutStatus.PAID: "checkouts.paid",
    CheckoutStatus.FAILED: "checkouts.failed",
    CheckoutStatus.EXPIRED: "checkouts.expired",
}


def sign_event(secret, timestamp, body):
    """The hex after `v1=`; the timestamp exactly as the header spells it."""
    return hmac.new(secret.encode(), f"v1:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class SignedEvent:
    """A delivery; a given timestamp or signature is sent as it is, forged or old."""

    url: str
    secret: str
    checkout_id: str
    reference: str
    type: str
    created_at: str
    object_url: str
    id: str = field(default_factory=lambda: f"evt_{uuid.uuid4().hex}")
    timestamp: str | None = None
    signature: str | None = None
    tries: int = 0
    operation = "event"

    def body(self):
        about = {"id": self.checkout_id, "type": "checkout", "url": self.object_url}
        document = {"id": self.id, "type": self.type, "created_at": self.created_at, "object": about}
        return json.dumps(document, separators=(",", ":")).encode()

    def headers(self):
        timestamp = self.timestamp or str(int(time.time()))
        signature = self.signature or sign_event(self.secret, timestamp, self.body())
        return {HEADER: f"t={timestamp},v1={signature}"}

    def refused_for_now(self, outcome):
        return not isinstance(outcome, int) or outcome >= 500

    def line(self):
        return {"checkout_id": self.checkout_id, "id": self.id, "type": self.type}


class Events:
    def __init__(self, sandbox, callbacks):
        self.sandbox = sandbox
        self.callbacks = callbacks
        self.reset()

    def reset(self):
        self.events_url = None
        self.events_secret = None

    @property
    def on(self):
        return bool(self.events_url and self.events_secret)

    def announce(self, checkout):
        """What became of a checkout, unless it was told before."""
        if not self.on:
            return
        with self.sandbox.lock:
            kind = TYPES[checkout.status]
            if kind in checkout.announced:
                return
            checkout.announced.append(kind)
            self.sandbox.changes += 1
        self.send(checkout, kind)

    def send(self, checkout, kind=None, **forged):
        """Now, as often as asked. The event that was sent."""
        kind = kind or TYPES[checkout.status]
        moment = checkout.created if kind == TYPES[CheckoutStatus.PENDING] else self.sandbox.now()
        event = SignedEvent(
            url=self.events_url,
            secret=self.events_secret,
            checkout_id=checkout.id,
            reference=checkout.reference,
            type=kind,
            created_at=z_stamp(moment),
            object_url=f"{checkout.api_url}/v0.1/checkouts/{checkout.id}",
            **forged,
        )
        self.callbacks.send(event)
        return event
