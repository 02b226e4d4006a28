"""What tests do to the product from outside, without a line of it in the product.

`OVERSELL=true` takes the condition out of `ticketing.domain.stock.allocation`: the concurrency tests' control.
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
    "payments.domain.merchants.credentials._write_under_lease",
    "payments.domain.monitoring.alerts.claim_due_alerts",
    "payments.domain.monitoring.alerts.record_alerts_sent",
    "payments.domain.reconciliation.recheck.recheck_refunds",
    "payments.domain.reconciliation.discrepancies.record_findings",
    "payments.domain.reconciliation.movements._record_items",
    "payments.domain.verification.provider_lookup.create_checkout",
    "payments.domain.verification.polling.claim_due_payments",
    "payments.domain.verification.polling.look_up_checkout",
    "payments.domain.refunds.confirmation._confirm_refund",
    "payments.domain.refunds.execution._send_refund",
    "payments.domain.verification.history_watcher._choose_payments",
    "ticketing.domain.stock.holds.hold_seats",
    "ticketing.domain.admission.checkin.redeem_ticket",
    "ticketing.domain.messages.outbox.claim_delivery",
    "ticketing.domain.messages.outbox.record_delivery_sent",
    "ticketing.domain.orders.fulfilment.complete_order",
    "ticketing.domain.orders.fulfilment.settle_order",
    "ticketing.domain.orders.placement._write_order",
    "ticketing.domain.orders.placement.start_or_resume_payment",
    "ticketing.domain.orders.placement.place_order",
    "ticketing.domain.orders.refunds._apply_refund",
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
            import_module("ticketing.domain.stock.allocation")._room = lambda model, number: Q()
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
