"""The control path `/_sim/`: how tests and the demo act as payer and bank, and cause faults.

POST   /_sim/reset     {"seed"?}                         forget everything
GET    /_sim/state                                       all of it; of tokens only how many are live
GET    /_sim/requests                                    how often each path was asked, the busiest second
POST   /_sim/pay       WHICH, {"card"?, "force"?}        pay as a person would on the page
POST   /_sim/decline   WHICH, {"force"?}                 try with a card that is declined
GET    /_sim/faults                                      POST scripts one, DELETE drops all (or .../<id>)
POST   /_sim/clock     {"offset_seconds"}                move the simulator's clock
POST   /_sim/settings  any of the settings below         answers with all of them
POST   /_sim/callback  WHICH, {"id"?, "event_type"?}     call back now, also with an id nobody knows
POST   /_sim/event     WHICH, {"type"?, "id"?, "timestamp"?, "signature"?}  a signed event now: any, again, old, forged
POST   /_sim/refund    WHICH, {"amount"?}                somebody refunds in SumUp's own dashboard
POST   /_sim/chargeback  WHICH, {"amount"?}              the payer's bank takes the money back
POST   /_sim/sale      {"merchant_code", "amount", "description"?}      a card reader's sale, not one of ours
POST   /_sim/revoke    {"merchant_code"}                 its people remove the app: 401, then invalid_grant
POST   /_sim/expire_tokens  {}                           every access token is over now, as after an hour

Settings, with what a reset gives them:
  callback_retry_scale   1; 0.001 turns a minute into 60 ms
  mark_refunded          false; true: a refund changes the transaction's own status, as the glossary has it
  balance                {}; {"MDEMO001": 12.5, "MDEMO002": null} sets those named, null is no limit: a sale adds its
                         amount less the fee, refunds and charge backs take away, a refund above it is refused (422)
  events_url, events_secret  null, null; both: checkouts.created, .paid and .failed are sent there, signed
  redirect_uris          those of --redirect-uri, or localhost:8000, 127.0.0.1:8000 and testserver
  payments_scope         true; false: SumUp did not enable payments, what people grant from now on lacks it
  rotate_refresh_tokens  true; false: a refresh brings no new refresh token

WHICH is {"checkout_id"} or {"reference", "merchant_code"?}; for refund and chargeback, which answer with the
transaction as sale does, also {"transaction_id"}. `force` lets the money arrive although the page
is dead, as a slow bank may. 400, 404 and 409 come with {"error": "a sentence"}.
"""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal

from sumup_simulator.api.answers import Answer
from sumup_simulator.notifications.callbacks import Delivery
from sumup_simulator.sandbox.cards import DECLINED_CARD, GOOD_CARD, TEST_CARDS, digits_of
from sumup_simulator.sandbox.ledger import NotEnoughBalance, NotRefundable, RefundTooHigh
from sumup_simulator.sandbox.records import TransactionStatus, as_json_number
from sumup_simulator.sandbox.state import AlreadyProcessed, SessionOver

from .api import answers
from .faults import UnknownFault

NOT_NOW = (AlreadyProcessed, SessionOver, NotRefundable, RefundTooHigh, NotEnoughBalance)


class Control:
    def __init__(self, till, requests):
        self.till = till
        self.sandbox = till.sandbox
        self.faults = till.faults
        self.callbacks = till.callbacks
        self.events = till.events
        self.requests = requests
        self.actions = {
            ("POST", "reset"): self.reset,
            ("GET", "state"): self.state,
            ("GET", "requests"): self.requests_made,
            ("POST", "pay"): self.pay,
            ("POST", "decline"): self.decline,
            ("GET", "faults"): self.list_faults,
            ("POST", "faults"): self.add_fault,
            ("DELETE", "faults"): self.remove_faults,
            ("POST", "clock"): self.clock,
            ("POST", "settings"): self.settings,
            ("POST", "callback"): self.callback,
            ("POST", "event"): self.event,
            ("POST", "refund"): self.refund,
            ("POST", "chargeback"): self.charge_back,
            ("POST", "sale"): self.sale,
            ("POST", "revoke"): self.revoke,
            ("POST", "expire_tokens"): self.expire_tokens,
        }

    def answer(self, request):
        name, _, item = request.path.removeprefix("/_sim/").partition("/")
        action = self.actions.get((request.method, name))
        try:
            if action is None:
                raise Misused(f"There is no {request.method} {request.path}.", 404)
            return Answer(200, action(_body(request) | ({"item": item} if item else {}), request))
        except (Misused, UnknownFault) as error:
            return Answer(getattr(error, "status", 400), {"error": str(error)})
        except NOT_NOW as error:
            return Answer(409, {"error": type(error).__name__})

    def reset(self, body, request):
        self.sandbox.reset()
        self.faults.reset(body.get("seed", 0))
        self.callbacks.reset()
        self.events.reset()
        self.requests.reset()
        return {}

    def state(self, body, request):
        with self.sandbox.lock:
            checkouts = [self._checkout(each, request) for each in self.sandbox.checkouts.values()]
            transactions = [self._transaction(each, request) for each in self.sandbox.transactions.values()]
        return {
            "now": self.sandbox.now().isoformat(),
            "checkouts": checkouts,
            "transactions": transactions,
            "tokens": self.sandbox.grants.live(),
            "faults": self.faults.documents(),
            "callbacks": self.callbacks.lines("callback"),
            "events": self.callbacks.lines("event"),
        } | self.requests.document()

    def requests_made(self, body, request):
        return self.requests.document()

    def pay(self, body, request):
        card = digits_of(str(body.get("card", GOOD_CARD)))
        if card not in TEST_CARDS:
            raise Misused(f"{card} is no test card.")
        return self._attempt(body, request, card)

    def decline(self, body, request):
        return self._attempt(body, request, DECLINED_CARD)

    def _attempt(self, body, request, card):
        checkout = self._wanted(body)
        self.till.pay(checkout, card, force=bool(body.get("force")))
        return self._checkout(checkout, request)

    def list_faults(self, body, request):
        return self.faults.documents()

    def add_fault(self, body, request):
        return self.faults.add(body).document()

    def remove_faults(self, body, request):
        item = body.get("item")
        if item is not None and not item.isdecimal():
            raise Misused("A fault is removed by its number.")
        self.faults.remove(None if item is None else int(item))
        return self.faults.documents()

    def clock(self, body, request):
        self.sandbox.offset = dt.timedelta(seconds=number_in(body, "offset_seconds"))
        return {"now": self.sandbox.now().isoformat()}

    def settings(self, body, request):
        return change_settings(self.till, body)

    def callback(self, body, request):
        checkout = self._wanted(body)
        if not checkout.return_url:
            raise Misused("The checkout has no return_url.", 409)
        delivery = Delivery(checkout.return_url, body.get("id", checkout.id), checkout.reference)
        self.callbacks.send(replace(delivery, event_type=body.get("event_type", delivery.event_type)))
        return {}

    def event(self, body, request):
        """Without a signature of its own it is signed as every other."""
        if not self.events.on:
            raise Misused("Set events_url and events_secret first.", 409)
        forged = {name: str(body[name]) for name in ("id", "timestamp", "signature") if body.get(name)}
        event = self.events.send(self._wanted(body), body.get("type"), **forged)
        return {"id": event.id, "type": event.type}

    def refund(self, body, request):
        transaction = self._wanted_transaction(body)
        self.sandbox.ledger.refund(transaction, _amount(body, optional=True))
        return self._transaction(transaction, request)

    def charge_back(self, body, request):
        transaction = self._wanted_transaction(body)
        self.sandbox.ledger.charge_back(transaction, _amount(body, optional=True))
        return self._transaction(transaction, request)

    def sale(self, body, request):
        code = self._known_merchant(body)
        sold = self.sandbox.sell(code, _amount(body), card=GOOD_CARD, description=body.get("description"))
        return self._transaction(sold, request)

    def _known_merchant(self, body):
        if body.get("merchant_code") not in self.sandbox.merchants:
            raise Misused("There is no such merchant.", 404)
        return body["merchant_code"]

    def _wanted_transaction(self, body):
        """Of a checkout the payment that succeeded, the first if two did."""
        if "transaction_id" in body:
            found = [self.sandbox.transactions.get(str(body["transaction_id"]))]
        else:
            found = self.sandbox.transactions_of(self._wanted(body))
        paid = [each for each in found if each and each.status != TransactionStatus.FAILED]
        if not paid:
            raise Misused("There is no such payment.", 404)
        return paid[0]

    def revoke(self, body, request):
        return {"revoked": self.sandbox.grants.revoke(self._known_merchant(body))}

    def expire_tokens(self, body, request):
        return {"expired": self.sandbox.grants.expire_access()}

    def _wanted(self, body):
        if "checkout_id" in body:
            found = self.sandbox.find(str(body["checkout_id"]))
        else:
            found = self.sandbox.find_by_reference(str(body.get("reference")), body.get("merchant_code"))
        if found is None:
            raise Misused("There is no such checkout.", 404)
        return found

    def _checkout(self, checkout, request):
        self.sandbox.expire_when_due(checkout)
        return answers.checkout_document(
            checkout,
            self.sandbox.merchants[checkout.merchant_code],
            status=checkout.status,
            transactions=self.sandbox.transactions_of(checkout),
            base_url=request.base_url,
        )

    def _transaction(self, transaction, request):
        merchant = self.sandbox.merchants[transaction.merchant_code]
        today = self.sandbox.now().date()
        return answers.transaction_document(transaction, merchant, today=today, base_url=request.base_url)


def _amount(body, *, optional=False):
    if optional and body.get("amount") is None:
        return None
    amount = money_in(body, "amount")
    if amount <= 0:
        raise Misused("amount must be more than zero.")
    return amount


def _body(request):
    if not request.body.strip():
        return {}
    try:
        data = json.loads(request.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Misused("The body is not JSON.") from None
    if not isinstance(data, dict):
        raise Misused("The body is not a JSON object.")
    return data


def _no_constant(name):
    """Python would read NaN and Infinity."""
    raise ValueError(name)


class Misused(Exception):
    """The control path was asked for nonsense: a sentence that says so, and its HTTP status."""

    def __init__(self, message, status=400):
        super().__init__(message)
        self.status = status


def change_settings(till, body):
    """Everything is read before anything changes. The answer shows all settings."""
    read = {name: SETTINGS[name][1](body, name) for name in body if _known(name)}
    sandbox = till.sandbox
    owners = {"ledger": sandbox.ledger, "grants": sandbox.grants, "callbacks": till.callbacks, "events": till.events}
    for name, value in read.items():
        owner = owners[SETTINGS[name][0]]
        setattr(owner, name, getattr(owner, name) | value if isinstance(value, dict) else value)
    return {name: _shown(name, getattr(owners[owner], name)) for name, (owner, _) in SETTINGS.items()}


def _shown(name, value):
    if name == "events_secret":
        return bool(value)
    if not isinstance(value, dict):
        return value
    return {key: each if each is None else as_json_number(each) for key, each in value.items()}


def _known(name):
    if name not in SETTINGS:
        raise Misused(f"There is no setting {name}; there are: {', '.join(SETTINGS)}.")
    return True


def number_in(body, name):
    value = body.get(name)
    if isinstance(value, bool) or not hasattr(value, "real"):
        raise Misused(f"{name} must be a number.")
    return value


def switch_in(body, name):
    if not isinstance(body[name], bool):
        raise Misused(f"{name} must be true or false.")
    return body[name]


def text_in(body, name):
    if not isinstance(body[name], str | None):
        raise Misused(f"{name} must be a text, or null.")
    return body[name]


def addresses_in(body, name):
    value = body[name]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Misused(f"{name} must be a list of addresses.")
    return tuple(value)


def balances_in(body, name):
    """Of the merchants named; null means that there is no limit."""
    value = body[name]
    if not isinstance(value, dict):
        raise Misused(f"{name} must be an object of merchant codes and amounts.")
    return {code: None if value[code] is None else money_in(value, code) for code in value}


def money_in(body, name):
    return round(Decimal(str(number_in(body, name))), 2)


# Where each lives, and its reader
SETTINGS = {
    "callback_retry_scale": ("callbacks", number_in),
    "mark_refunded": ("ledger", switch_in),
    "balance": ("ledger", balances_in),
    "events_url": ("events", text_in),
    "events_secret": ("events", text_in),
    "redirect_uris": ("grants", addresses_in),
    "payments_scope": ("grants", switch_in),
    "rotate_refresh_tokens": ("grants", switch_in),
}
