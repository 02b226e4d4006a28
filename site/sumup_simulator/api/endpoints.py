"""The paths of api.sumup.com that the simulator answers, one function each."""

import datetime as dt
from urllib.parse import urlencode

from sumup_simulator.sandbox.ledger import NotEnoughBalance, NotRefundable, RefundTooHigh
from sumup_simulator.sandbox.state import AlreadyProcessed, DuplicateReference, SessionOver

from . import answers, validation
from .answers import Answer, Refused
from .calls import CHECKOUTS_READ, CHECKOUTS_WRITE, PAYOUTS, PROFILE, REFUNDS, TRANSACTIONS, register_route
from .history import history_page, payout_rows


@register_route("POST", "/v0.1/checkouts", "create", CHECKOUTS_WRITE)
def create_checkout(call):
    data = validation.json_object(call.request.body)
    fields = validation.read_new_checkout(data, now=call.sandbox.now())
    merchant = call.caller.merchants.get(fields["merchant_code"])
    if merchant is None:
        raise Refused(answers.forbidden_error())
    _refuse_other_currency(merchant, fields)
    try:
        checkout = call.sandbox.create(**fields, api_url=call.request.base_url)
    except DuplicateReference:
        raise Refused(duplicate_checkout_error()) from None
    return Answer(201, call.document(checkout))


def duplicate_checkout_error():
    message = "A checkout with this reference already exists"
    return answers.plain_error(409, "DUPLICATED_CHECKOUT", message)


def _refuse_other_currency(merchant, fields):
    if fields.get("currency", merchant.currency) != merchant.currency:
        raise Refused(answers.validation_errors([("currency", "INVALID")]))


def _processed():
    return answers.plain_error(409, "CHECKOUT_PROCESSED", "Checkout is already processed")


@register_route("GET", "/v0.1/checkouts", "list", CHECKOUTS_READ)
def list_checkouts(call):
    reference = call.query.get("checkout_reference")
    found = [each for code in call.caller.merchants for each in call.sandbox.checkouts_of(code, reference)]
    return Answer(200, [call.document(checkout, looking=True) for checkout in found])


@register_route("GET", "/v0.1/checkouts/{checkout_id}", "get", CHECKOUTS_READ)
def get_checkout(call):
    return Answer(200, call.document(call.checkout(), looking=True))


@register_route("PATCH", "/v0.1/checkouts/{checkout_id}", "update", CHECKOUTS_WRITE)
def update_checkout(call):
    checkout = call.checkout()
    data = validation.json_object(call.request.body)
    fields = validation.read_changes(data, now=call.sandbox.now())
    _refuse_other_currency(call.caller.merchants[checkout.merchant_code], fields)
    try:
        call.sandbox.update(checkout, **fields)
    except (AlreadyProcessed, SessionOver):
        raise Refused(_processed()) from None
    except DuplicateReference:
        raise Refused(duplicate_checkout_error()) from None
    return Answer(200, call.document(checkout))


@register_route("DELETE", "/v0.1/checkouts/{checkout_id}", "delete", CHECKOUTS_WRITE)
def deactivate_checkout(call):
    checkout = call.checkout()
    try:
        call.sandbox.deactivate(checkout)
    except AlreadyProcessed:
        raise Refused(_processed()) from None
    return Answer(200, call.document(checkout))


@register_route("GET", "/v2.1/merchants/{merchant_code}/transactions", "transaction", TRANSACTIONS)
def get_transaction(call):
    merchant, query = call.merchant(answers.not_found()), call.query
    names = {"id", "transaction_code", "client_transaction_id", "foreign_transaction_id"} & query.keys()
    if len(names) != 1:
        raise Refused(answers.validation_errors([("id", "INVALID" if names else "MISSING")]))
    found = call.sandbox.transaction(merchant.code, transaction_id=query.get("id"), code=query.get("transaction_code"))
    if found is None:
        raise Refused(answers.not_found())
    today = call.sandbox.now().date()
    base_url = call.request.base_url
    return Answer(200, answers.transaction_document(found, merchant, today=today, base_url=base_url))


@register_route("GET", "/v2.1/merchants/{merchant_code}/transactions/history", "history", TRANSACTIONS)
def list_history(call):
    merchant = call.merchant(answers.not_found())
    page, following = history_page(call.sandbox, merchant, call.request.query)
    items = [answers.history_item(entry, call.sandbox.transactions[entry.transaction_id], merchant) for entry in page]
    links = [{"rel": "next", "href": urlencode(following, doseq=True, safe="[]")}] if following else []
    return Answer(200, {"items": items, "links": links})


@register_route("POST", "/v1.0/merchants/{merchant_code}/payments/{transaction_id}/refunds", "refund", REFUNDS)
def refund_transaction(call):
    unknown = answers.problem_document(404, "not-found", "Not Found", "Transaction not found")
    found = call.sandbox.transaction(call.merchant(unknown).code, transaction_id=call.arguments["transaction_id"])
    if found is None:
        raise Refused(unknown)
    fails, pending = "refund_fails" in call.effects, call.effects.get("refund_pending")
    delay = dt.timedelta(seconds=pending["seconds"]) if pending else None
    try:
        call.sandbox.ledger.refund(found, _refund_amount(call), fails=fails, delay=delay)
    except NotRefundable:
        raise Refused(answers.not_refundable()) from None
    except RefundTooHigh as error:
        raise Refused(_too_high(error.left)) from None
    except NotEnoughBalance:
        raise Refused(_no_balance()) from None
    return Answer(201, {"status": "failed"} if fails else {})


def _no_balance():
    detail = "Refund failed: insufficient balance."
    return answers.problem_document(422, "unprocessable-entity", "Unprocessable Entity", detail, errors=[])


def _refund_amount(call):
    data = validation.json_object(call.request.body, empty_is={})
    if data.get("amount") is None:
        return None
    try:
        return validation.read_amount(data["amount"])
    except validation.Invalid:
        detail = "amount must be greater than zero"
        raise Refused(answers.problem_document(400, "bad-request", "Bad Request", detail)) from None


def _too_high(left):
    error = {
        "code": "INVALID_AMOUNT",
        "detail": "Amount exceeds the refundable amount",
        "reason": "amount_too_high",
        "max_refundable_amount": int(left * 100),
    }
    return answers.problem_document(
        422, "unprocessable-entity", "Unprocessable Entity", "Refund failed.", errors=[error]
    )


@register_route("GET", "/v1.0/merchants/{merchant_code}/payouts", "payouts", PAYOUTS)
def list_payouts(call):
    return payout_rows(call.sandbox, call.merchant(answers.not_found()), call.request.query)


@register_route("GET", "/v1/merchants/{merchant_code}", "merchant", PROFILE)
def get_merchant(call):
    detail = f"Merchant {call.arguments['merchant_code']} not found."
    merchant = call.merchant(answers.problem_document(404, "not-found", "Not Found", detail))
    return Answer(200, answers.merchant_document(merchant))


@register_route("GET", "/v0.1/memberships", "memberships", PROFILE)
def list_memberships(call):
    """At most 25 a page."""
    query = call.query
    start, limit = _whole(query.get("offset", "0")), _whole(query.get("limit", "10"))
    if start is None or limit is None or not 1 <= limit <= 25:
        raise Refused(answers.problem_document(400, "bad-request", "Bad Request", "Request validation failed."))
    found = [each for each in call.caller.merchants.values() if _fits(each, query)]
    shown = [answers.membership_document(each) for each in found[start : start + limit]]
    return Answer(200, {"items": shown, "total_count": len(found)})


def _whole(text):
    return int(text) if text.isascii() and text.isdecimal() else None


def _fits(merchant, query):
    membership = {
        "kind": "merchant",
        "resource.type": "merchant",
        "status": "accepted",
        "resource.attributes.sandbox": "true",
        "resource.name": merchant.name,
    }
    return all(query.get(key, value) == value for key, value in membership.items())


@register_route("GET", "/v0.1/merchants/{merchant_code}/payment-methods", "payment_methods")
def list_payment_methods(call):
    call.merchant(answers.not_found())
    query = call.query
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
