"""Faults, scripted by name: POST /_sim/faults {"name": "slow", "seconds": 3}.

Every fault takes, besides its own arguments:
  operation    only calls of this operation: create, list, get, update, delete, transaction, history, refund,
               payouts, merchant, memberships, payment_methods, token; or pay, callback, event
  reference    only calls about the checkout with this reference
  merchant     only calls about this merchant: its code
  times        how many calls (default 1; null = until it is removed)
  probability  0 to 1 (default 1); the dice are seeded by POST /_sim/reset {"seed": 7}

Before the call takes effect. Delays add up; of the refusals the oldest matching one answers, so that two
scripted one after the other hit two calls:
  slow                   waits `seconds` (3)
  latency                the same, `seconds` (0.05), for every call until it is removed
  hang                   does not answer until the fault is removed, `seconds` (600) at most
  too_many_requests      429 without Retry-After (also as "429")
  server_error           `status` 500 (also as "500" and "503")
  drop                   closes the connection without an answer
  html_error             403 with a page of HTML, as the edge sends it
  token_revoked          401
  forbidden              403 checkout_payments_not_allowed
  duplicate_reference    create: 409 although nothing is stored under the reference
  transactions_404       transaction: 404, as happens just after a payment
  invalid_grant          token: the code or refresh token is no longer valid
  refund_refused         refund: 409, not refundable
After it took effect:
  lost_answer            the effect stays, the connection closes without an answer
  bad_json               half of the JSON
  empty_body             the right status without a body
  wrong_amount           get, list: `amount` (default one more than asked)
  wrong_currency         get, list: `currency` (EUR)
  wrong_merchant         get, list: `merchant_code` (MOTHER01)
  wrong_reference        get, list: `value` (another reference)
  refund_fails           refund: 201, and the transaction shows the refund as FAILED
  refund_pending         refund: 201, and it is PENDING for `seconds` (2) before it is REFUNDED
When somebody pays (script them first):
  two_successes          the payment makes two SUCCESSFUL transactions
  paid_after_looks       the checkout keeps its old status for `looks` (3) reads after the payment
  paid_after_seconds     the same for `seconds` (10)
When SumUp calls back (or, with `operation` event, sends a signed event):
  drop_callbacks         never sent
  delay_callbacks        sent `seconds` (5) later
  double_callbacks       sent twice at once
  reorder_callbacks      held back until another one was sent, or `seconds` (5) passed
"""

import itertools
import random
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from numbers import Real


class Stage(StrEnum):
    DELAY = "delay"
    REFUSE = "refuse"
    EFFECT = "effect"
    ALTER = "alter"
    PAY = "pay"
    CALLBACK = "callback"


RESOURCES = frozenset(
    {
        *("create", "list", "get", "update", "delete", "transaction", "history", "refund"),
        *("payouts", "merchant", "memberships", "payment_methods"),
    }
)
API = RESOURCES | {"token"}
READS = frozenset({"get", "list"})


@dataclass(frozen=True)
class Kind:
    stage: Stage
    operations: frozenset = API
    arguments: dict = field(default_factory=dict)
    times: int | None = 1


def _pay(**arguments):
    return Kind(Stage.PAY, frozenset({"pay"}), arguments)


def _callback(**arguments):
    return Kind(Stage.CALLBACK, frozenset({"callback"}), arguments)


CATALOGUE = {
    "slow": Kind(Stage.DELAY, arguments={"seconds": 3}),
    "latency": Kind(Stage.DELAY, arguments={"seconds": 0.05}, times=None),
    "hang": Kind(Stage.DELAY, arguments={"seconds": 600}, times=None),
    "too_many_requests": Kind(Stage.REFUSE),
    "server_error": Kind(Stage.REFUSE, arguments={"status": 500}),
    "drop": Kind(Stage.REFUSE),
    "html_error": Kind(Stage.REFUSE),
    "token_revoked": Kind(Stage.REFUSE, RESOURCES),
    "forbidden": Kind(Stage.REFUSE, RESOURCES),
    "duplicate_reference": Kind(Stage.REFUSE, frozenset({"create"})),
    "transactions_404": Kind(Stage.REFUSE, frozenset({"transaction"})),
    "invalid_grant": Kind(Stage.REFUSE, frozenset({"token"})),
    "refund_refused": Kind(Stage.REFUSE, frozenset({"refund"})),
    "refund_pending": Kind(Stage.EFFECT, frozenset({"refund"}), {"seconds": 2}),
    "refund_fails": Kind(Stage.EFFECT, frozenset({"refund"})),
    "lost_answer": Kind(Stage.ALTER),
    "bad_json": Kind(Stage.ALTER),
    "empty_body": Kind(Stage.ALTER),
    "wrong_amount": Kind(Stage.ALTER, READS, {"amount": None}),
    "wrong_currency": Kind(Stage.ALTER, READS, {"currency": "EUR"}),
    "wrong_merchant": Kind(Stage.ALTER, READS, {"merchant_code": "MOTHER01"}),
    "wrong_reference": Kind(Stage.ALTER, READS, {"value": None}),
    "two_successes": _pay(),
    "paid_after_looks": _pay(looks=3),
    "paid_after_seconds": _pay(seconds=10),
    "drop_callbacks": _callback(),
    "delay_callbacks": _callback(seconds=5),
    "double_callbacks": _callback(),
    "reorder_callbacks": _callback(seconds=5),
}
ALIASES = {
    "429": ("too_many_requests", {}),
    "500": ("server_error", {"status": 500}),
    "503": ("server_error", {"status": 503}),
}
COMMON = frozenset({"name", "operation", "reference", "merchant", "times", "probability"})


class UnknownFault(Exception):
    """The script names a fault, an operation or an argument that does not exist."""


@dataclass
class Fault:
    id: int
    name: str
    kind: Kind
    operation: str | None
    reference: str | None
    merchant: str | None
    times: int | None
    probability: Real
    arguments: dict
    used: int = 0
    removed: threading.Event = field(default_factory=threading.Event)

    def document(self):
        shown = ("id", "name", "operation", "reference", "merchant", "times", "probability", "used")
        return {name: getattr(self, name) for name in shown} | self.arguments


class FaultBook:
    def __init__(self):
        self.lock = threading.Lock()
        self.faults = []
        self.reset()

    def reset(self, seed=0):
        self.remove()
        with self.lock:
            self.numbers = itertools.count(1)
            self.dice = random.Random(seed)  # noqa: S311 - a test wants the same dice again

    def add(self, script):
        """Raises `UnknownFault` with a sentence for whoever wrote the script."""
        fault = _read(script, next(self.numbers))
        with self.lock:
            self.faults.append(fault)
        return fault

    def remove(self, fault_id=None):
        with self.lock:
            gone = [each for each in self.faults if fault_id in {None, each.id}]
            self.faults = [each for each in self.faults if each not in gone]
        for each in gone:
            each.removed.set()

    def documents(self):
        with self.lock:
            return [fault.document() for fault in self.faults]

    def take(self, stage, operation, reference_of, merchants_of=frozenset):
        """The faults that hit this call, counted down. Of refusals only the oldest."""
        if not self.faults:
            return []
        with self.lock:
            hits = [each for each in self.faults if each.kind.stage == stage]
            hits = [each for each in hits if self._hits(each, operation, reference_of, merchants_of)]
            if stage == Stage.REFUSE:
                hits = hits[:1]
            hits = list({each.name: each for each in reversed(hits)}.values())[::-1]
            for each in hits:
                self._count(each)
            return hits

    def _hits(self, fault, operation, reference_of, merchants_of):
        if operation not in fault.kind.operations or fault.operation not in {None, operation}:
            return False
        if fault.reference is not None and fault.reference != reference_of():
            return False
        if fault.merchant is not None and fault.merchant not in merchants_of():
            return False
        return fault.probability >= 1 or self.dice.random() < fault.probability

    def _count(self, fault):
        fault.used += 1
        if fault.times is not None and fault.used >= fault.times:
            self.faults.remove(fault)


def _read(script, number):
    name, preset = ALIASES.get(str(script.get("name")), (script.get("name"), {}))
    if not isinstance(name, str) or name not in CATALOGUE:
        raise UnknownFault(f"There is no fault {name!r}; there are: {', '.join(CATALOGUE)}.")
    kind = CATALOGUE[name]
    operation = script.get("operation")
    allowed = kind.operations
    if kind.stage == Stage.CALLBACK:
        allowed |= {"event"}
    elif kind.stage != Stage.PAY and name != "invalid_grant":
        allowed |= RESOURCES
    if operation is not None and operation not in allowed:
        raise UnknownFault(f"{name} cannot hit {operation!r}; it can hit: {', '.join(sorted(allowed))}.")
    given = {key: value for key, value in script.items() if key not in COMMON}
    if extra := given.keys() - kind.arguments.keys():
        raise UnknownFault(f"{name} takes no {', '.join(sorted(extra))}.")
    if operation is not None:
        kind = Kind(kind.stage, kind.operations | {operation}, kind.arguments, kind.times)
    _check_numbers(script, given)
    return Fault(
        id=number,
        name=name,
        kind=kind,
        operation=operation,
        reference=script.get("reference"),
        merchant=script.get("merchant"),
        times=script.get("times", kind.times),
        probability=script.get("probability", 1),
        arguments=kind.arguments | preset | given,
    )


def _check_numbers(script, given):
    times, probability = script.get("times", 1), script.get("probability", 1)
    if times is not None and (type(times) is not int or times < 1):
        raise UnknownFault("times must be a whole number from 1, or null.")
    if not isinstance(probability, Real) or not 0 <= probability <= 1:
        raise UnknownFault("probability must be between 0 and 1.")
    for name in {"seconds", "looks", "status", "amount"} & given.keys():
        if not isinstance(given[name], Real) or given[name] < 0:
            raise UnknownFault(f"{name} must be a number from 0.")
