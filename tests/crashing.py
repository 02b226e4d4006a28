"""What tests do to the product from outside, without a line of it in the product.

`OVERSELL=true` takes the condition out of `ticketing.domain.allocation`: the negative control of the concurrency tests.
`WITHOUT_RECEIVER=true` makes ticketing deaf to the signal of payments.

`CRASHABLE=worker` wraps the functions below in a process that goes by that name. It dies before or after one of them,
once for each time the test gives the order: see `Stack.crash_next`.
"""

import os
import signal
from functools import wraps
from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.db.models import Q

from payments.signals import payment_changed

FUNCTIONS = (
    "payments.domain.accounts._keep",
    "payments.domain.alerts.claim",
    "payments.domain.alerts.record_sent",
    "payments.domain.chasing.look_at_refunds",
    "payments.domain.discrepancies.keep",
    "payments.domain.ledger._keep_items",
    "payments.domain.looking.create",
    "payments.domain.polling.claim_due",
    "payments.domain.polling.look",
    "payments.domain.proofs._prove",
    "payments.domain.refunding._send",
    "payments.domain.watching._choose",
    "ticketing.domain.basket.hold",
    "ticketing.domain.checkin.redeem",
    "ticketing.domain.deliveries.claim",
    "ticketing.domain.deliveries.record_sent",
    "ticketing.domain.fulfilment.complete",
    "ticketing.domain.fulfilment.settle",
    "ticketing.domain.orders._write_order",
    "ticketing.domain.orders.pay_url",
    "ticketing.domain.orders.place_order",
    "ticketing.domain.refunds._apply",
)


class Crashing(AppConfig):
    name = "tests.crashing"
    label = "crashing"
    path = os.path.dirname(__file__)

    def ready(self):
        if settings.CRASHABLE:
            for dotted in FUNCTIONS:
                wrap(dotted)
        if settings.OVERSELL:
            import_module("ticketing.domain.allocation")._room = lambda model, number: Q()
        if settings.WITHOUT_RECEIVER:
            assert payment_changed.disconnect(dispatch_uid="ticketing.settle")


def wrap(dotted):
    path, _, name = dotted.rpartition(".")
    module = import_module(path)
    setattr(module, name, crashing(getattr(module, name), dotted))


def crashing(function, dotted):
    @wraps(function)
    def wrapped(*args, **kwargs):
        die_if_ordered(f"before {dotted}")
        result = function(*args, **kwargs)
        die_if_ordered(f"after {dotted}")
        return result

    return wrapped


def die_if_ordered(point):
    """The order is a file: whoever removes it dies, so it is obeyed once."""
    try:
        if settings.CRASH_ORDER.read_text() != f"{settings.CRASHABLE} {point}":
            return
        settings.CRASH_ORDER.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
