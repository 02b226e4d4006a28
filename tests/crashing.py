"""What tests do to the product from outside, without a line of it in the product.

`OVERSELL=true` takes the condition out of `ticketing.domain.allocation`: the negative control of the concurrency tests.
`WITHOUT_RECEIVER=true` makes ticketing deaf to the signal of payments.

`CRASH_AT="before ticketing.domain.fulfilment.complete"` (or `after`) wraps that function in the process that is
started with it. The process dies there once for each time the test gives the order: see `Stack.crash_next`.
"""

import os
import signal
from functools import wraps
from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.db.models import Q

from payments.signals import payment_changed


class Crashing(AppConfig):
    name = "tests.crashing"
    label = "crashing"
    path = os.path.dirname(__file__)

    def ready(self):
        if settings.CRASH_AT:
            when, _, dotted = settings.CRASH_AT.partition(" ")
            owner, name = resolve(dotted)
            setattr(owner, name, crashing(getattr(owner, name), when))
        if settings.OVERSELL:
            import_module("ticketing.domain.allocation")._room = lambda model, number: Q()
        if settings.WITHOUT_RECEIVER:
            assert payment_changed.disconnect(dispatch_uid="ticketing.settle")


def resolve(dotted):
    """`package.module.function` or `package.module.Class.method`."""
    path, _, name = dotted.rpartition(".")
    try:
        return import_module(path), name
    except ModuleNotFoundError:
        module, _, owner = path.rpartition(".")
        return getattr(import_module(module), owner), name


def crashing(function, when):
    @wraps(function)
    def wrapped(*args, **kwargs):
        if when == "before":
            die_if_ordered()
        result = function(*args, **kwargs)
        if when == "after":
            die_if_ordered()
        return result

    return wrapped


def die_if_ordered():
    """The order is a file: whoever removes it dies, so it is obeyed once."""
    try:
        settings.CRASH_ORDER.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
