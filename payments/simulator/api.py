"""The paths of api.sumup.com that the simulator answers, one function each."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlencode

from . import answers, validation
from .answers import Answer, Refused
from .history import history_page
from .payouts import payout_rows
from .records import EventStatus
from .state import AlreadyProcessed, DuplicateReference, NotRefundable, RefundTooHigh, SessionOver

ROUTES = []


@dataclass(frozen=True)
class Route:
    method: str
    pattern: str
    operation: str
    endpoint: Callable
    regex: re.Pattern


@dataclass
class Call:
    """One authenticated request, with what it may see."""

    sandbox: object
    request: object
    merchant: object
    arguments: dict
    effects: frozenset = frozenset()

    def document(self, checkout, *, looking=False):
        status, transactions = checkout.status, self.sandbox.transactions_of(checkout)
        if looking:
            status, transactions = self.sandbox.look(checkout)
        merchant = self.sandbox.merchants[checkout.merchant_code]
        base_url = self.request.base_url
        return answers.checkout_document(
            checkout, merchant, status=status, transactions=transactions, base_url=base_url
        )

    def checkout(self):
        found = self.sandbox.find(self.arguments["checkout_id"], self.merchant.code)
        if found is None:
            raise Refused(answers.not_found())
        return found

    def refuse_foreign_merchant(self, refusal):
        if self.arguments["merchant_code"] != self.merchant.code:
            raise Refused(refusal)


def route(method, pattern, operation):
    def register(endpoint):
        regex = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", pattern))
        ROUTES.append(Route(method, pattern, operation, endpoint, regex))
        return endpoint

    return register


def find_route(method, path):
    """The route and its arguments. A trailing slash is an error at SumUp since January 2026."""
    known_path = False
    for each in ROUTES:
        if match := each.regex.fullmatch(path):
            if each.method == method:
                return each, match.groupdict()
            known_path = True
    if known_path:
        raise Refused(answers.problem(405, "bad-request", "Method Not Allowed", "Method not allowed."))
    raise Refused(answers.unknown_path())


def authenticate(sandbox, header):
    scheme, _, token = (header or "").partition(" ")
    for merchant in sandbox.merchants.values():
        if scheme.lower() == "bearer" and compare_digest(token.strip().encode(), merchant.api_key.encode()):
            return merchant
    raise Refused(answers.unauthorised())


@route("POST", "/v0.1/checkouts", "create")
def create_checkout(call):
    data = validation.json_object(call.request.body)
    fields = validation.read_new_checkout(data, now=call.sandbox.now())
    if fields["merchant_code"] != call.merchant.code:
        raise Refused(answers.forbidden())
    _refuse_other_currency(call, fields)
    try:
        checkout = call.sandbox.create(**fields)
    except DuplicateReference:
        raise Refused(duplicate()) from None
    return Answer(201, call.document(checkout))


def duplicate():
    message = "A checkout with this reference already exists"
    return answers.plain_error(409, "DUPLICATED_CHECKOUT", message)


def _refuse_other_currency(call, fields):
    if fields.get("currency", call.merchant.currency) != call.merchant.currency:
        raise Refused(answers.validation_errors([("currency", "INVALID")]))


def _processed():
    return answers.plain_error(409, "CHECKOUT_PROCESSED", "Checkout is already processed")


@route("GET", "/v0.1/checkouts", "list")
def list_checkouts(call):
    reference = call.request.query.get("checkout_reference", [None])[0]
    found = call.sandbox.checkouts_of(call.merchant.code, reference)
    return Answer(200, [call.document(checkout, looking=True) for checkout in found])


@route("GET", "/v0.1/checkouts/{checkout_id}", "get")
def get_checkout(call):
    return Answer(200, call.document(call.checkout(), looking=True))


@route("PATCH", "/v0.1/checkouts/{checkout_id}", "update")
def update_checkout(call):
    checkout = call.checkout()
    data = validation.json_object(call.request.body)
    fields = validation.read_changes(data, now=call.sandbox.now())
    _refuse_other_currency(call, fields)
    try:
        call.sandbox.update(checkout, **fields)
    except (AlreadyProcessed, SessionOver):
        raise Refused(_processed()) from None
    except DuplicateReference:
        raise Refused(duplicate()) from None
    return Answer(200, call.document(checkout))


@route("DELETE", "/v0.1/checkouts/{checkout_id}", "delete")
def deactivate_checkout(call):
    checkout = call.checkout()
    try:
        call.sandbox.deactivate(checkout)
    except AlreadyProcessed:
        raise Refused(_processed()) from None
    return Answer(200, call.document(checkout))


@route("GET", "/v2.1/merchants/{merchant_code}/transactions", "transaction")
def get_transaction(call):
    query = {key: values[0] for key, values in call.request.query.items()}
    names = {"id", "transaction_code", "client_transaction_id", "foreign_transaction_id"} & query.keys()
    if len(names) != 1:
        raise Refused(answers.validation_errors([("id", "INVALID" if names else "MISSING")]))
    found = call.sandbox.transaction(
        call.arguments["merchant_code"], transaction_id=query.get("id"), code=query.get("transaction_code")
    )
    if found is None or found.merchant_code != call.merchant.code:
        raise Refused(answers.not_found())
    today = call.sandbox.now().date()
    base_url = call.request.base_url
    return Answer(200, answers.transaction_document(found, call.merchant, today=today, base_url=base_url))


@route("GET", "/v2.1/merchants/{merchant_code}/transactions/history", "history")
def list_history(call):
    call.refuse_foreign_merchant(answers.not_found())
    page, following = history_page(call.sandbox, call.merchant.code, call.request.query)
    items = [
        answers.history_item(entry, call.sandbox.transactions[entry.transaction_id], call.merchant) for entry in page
    ]
    links = [{"rel": "next", "href": urlencode(following, doseq=True, safe="[]")}] if following else []
    return Answer(200, {"items": items, "links": links})


@route("POST", "/v1.0/merchants/{merchant_code}/payments/{transaction_id}/refunds", "refund")
def refund_transaction(call):
    unknown = answers.problem(404, "not-found", "Not Found", "Transaction not found")
    call.refuse_foreign_merchant(unknown)
    found = call.sandbox.transaction(call.merchant.code, transaction_id=call.arguments["transaction_id"])
    if found is None:
        raise Refused(unknown)
    fails = "refund_fails" in call.effects
    status = EventStatus.FAILED if fails else EventStatus.REFUNDED
    try:
        call.sandbox.refund(found, _refund_amount(call), status=status)
    except NotRefundable:
        detail = "The transaction is not refundable in its current state"
        raise Refused(answers.problem(409, "conflict", "Conflict", detail)) from None
    except RefundTooHigh as error:
        raise Refused(_too_high(error.left)) from None
    return Answer(201, {"status": "failed"} if fails else {})


def _refund_amount(call):
    data = validation.json_object(call.request.body, empty_is={})
    if data.get("amount") is None:
        return None
    try:
        return validation.amount(data["amount"])
    except validation.Invalid:
        detail = "amount must be greater than zero"
        raise Refused(answers.problem(400, "bad-request", "Bad Request", detail)) from None


def _too_high(left):
    error = {
        "code": "INVALID_AMOUNT",
        "detail": "Amount exceeds the refundable amount",
        "reason": "amount_too_high",
        "max_refundable_amount": int(left * 100),
    }
    return answers.problem(422, "unprocessable-entity", "Unprocessable Entity", "Refund failed.", errors=[error])


@route("GET", "/v1.0/merchants/{merchant_code}/payouts", "payouts")
def list_payouts(call):
    call.refuse_foreign_merchant(answers.not_found())
    return payout_rows(call.sandbox, call.merchant, call.request.query)


@route("GET", "/v1/merchants/{merchant_code}", "merchant")
def get_merchant(call):
    detail = f"Merchant {call.arguments['merchant_code']} not found."
    call.refuse_foreign_merchant(answers.problem(404, "not-found", "Not Found", detail))
    return Answer(200, answers.merchant_document(call.merchant))


@route("GET", "/v0.1/memberships", "memberships")
def list_memberships(call):
    query = {key: values[0] for key, values in call.request.query.items()}
    wanted = {
        "resource.type": "merchant",
        "status": "accepted",
        "resource.attributes.sandbox": "true",
        "resource.name": call.merchant.name,
    }
    fits = all(query.get(key, value) == value for key, value in wanted.items())
    items = [answers.membership_document(call.merchant)] if fits else []
    shown = items if query.get("offset", "0") == "0" else []
    return Answer(200, {"items": shown, "total_count": len(items)})


@route("GET", "/v0.1/merchants/{merchant_code}/payment-methods", "payment_methods")
def list_payment_methods(call):
    call.refuse_foreign_merchant(answers.not_found())
    query = {key: values[0] for key, values in call.request.query.items()}
    for given, needed in (("amount", "currency"), ("currency", "amount")):
        if given in query and needed not in query:
            raise Refused(_constraint(needed, f"{needed} must also be specified when filtering by {given}"))
    return Answer(200, {"available_payment_methods": [{"id": "card"}]})


def _constraint(name, message):
    return Answer(
        400,
        {
            "title": "Bad Request",
            "details": "Invalid request parameters.",
            "status": 400,
            "failed_constraints": [{"message": message, "reference": name}],
        },
    )
