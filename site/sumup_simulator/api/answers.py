"""Answers as SumUp spells them: the documents, and the error shapes a client must be able to read."""

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from sumup_simulator.sandbox.records import EventStatus, TransactionStatus, as_json_number, offset_stamp, z_stamp

JSON = "application/json"
PROBLEM = "application/problem+json"
HTML = "text/html; charset=utf-8"
SMALLEST_REFUND = Decimal("0.01")
PROBLEM_ROOT = "https://developer.sumup.com/problem/"


@dataclass
class Answer:
    status: int
    body: object = None
    content_type: str = JSON
    headers: dict = field(default_factory=dict)

    def payload(self):
        if self.body is None:
            return b""
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, separators=(",", ":"), ensure_ascii=False).encode()


class Refused(Exception):
    """Carries the answer that refuses the call."""

    def __init__(self, answer):
        super().__init__(answer.status)
        self.answer = answer


def plain_error(status, code, message):
    return Answer(status, {"error_code": code, "message": message})


def not_found():
    return plain_error(404, "NOT_FOUND", "Resource not found")


def validation_errors(found):
    """One error alone is an object, several are an array."""
    bodies = [{"message": "Validation error", "error_code": code, "param": param} for param, code in found]
    return Answer(400, bodies[0] if len(bodies) == 1 else bodies)


def forbidden_error(reason="checkout_payments_not_allowed"):
    return Answer(403, {"error_message": reason, "error_code": "FORBIDDEN", "status_code": "403"})


def problem_document(status, kind, title, detail, *, content_type=PROBLEM, **extra):
    body = {"type": PROBLEM_ROOT + kind, "title": title, "status": status, "detail": detail, **extra}
    return Answer(status, body, content_type)


def unauthorised_problem():
    return problem_document(
        401, "unauthorized", "Unauthorized", "Unauthorized.", content_type=JSON, trace_id=uuid.uuid4().hex
    )


def unknown_path():
    return problem_document(404, "not-found", "Not Found", "The requested path does not exist.")


def not_refundable():
    return problem_document(409, "conflict", "Conflict", "The transaction is not refundable in its current state")


def without_empty_values(document):
    return {key: value for key, value in document.items() if value is not None}


def transaction_in_checkout(transaction):
    return without_empty_values(
        {
            "id": transaction.id,
            "transaction_code": transaction.code,
            "amount": as_json_number(transaction.amount),
            "currency": transaction.currency,
            "timestamp": z_stamp(transaction.created),
            "status": transaction.status,
            "payment_type": transaction.payment_type,
            "installments_count": 1,
            "merchant_code": transaction.merchant_code,
            "vat_amount": 0,
            "tip_amount": 0,
            "entry_mode": transaction.entry_mode,
            "auth_code": transaction.auth_code,
        }
    )


def checkout_document(checkout, merchant, *, status, transactions, base_url):
    """With the keys that SumUp sends beyond its schema, so that a client proves it tolerates them."""
    document = {
        "id": checkout.id,
        "checkout_reference": checkout.reference,
        "checkout_type": "checkout",
        "amount": as_json_number(checkout.amount),
        "currency": checkout.currency,
        "merchant_code": merchant.code,
        "merchant_country": merchant.country,
        "merchant_name": merchant.name,
        "merchant_sandbox": merchant.sandbox,
        "pay_to_email": merchant.email,
        "description": checkout.description,
        "purpose": checkout.purpose,
        "date": offset_stamp(checkout.created),
        "valid_until": offset_stamp(checkout.valid_until) if checkout.valid_until else None,
        "customer_id": checkout.customer_id,
        "return_url": checkout.return_url,
        "redirect_url": checkout.redirect_url,
        "status": status,
        "transactions": [transaction_in_checkout(transaction) for transaction in transactions],
    }
    if checkout.hosted:
        document["hosted_checkout"] = {"enabled": True}
        document["hosted_checkout_url"] = f"{base_url}/pay/c-{checkout.id}"
    return without_empty_values(document | _winner(transactions))


def _winner(transactions):
    for transaction in transactions:
        if transaction.status != TransactionStatus.FAILED:
            return {"transaction_id": transaction.id, "transaction_code": transaction.code}
    return {}


def transaction_document(transaction, merchant, *, today, base_url):
    succeeded = transaction.status != TransactionStatus.FAILED
    document = transaction_in_checkout(transaction) | {
        "product_summary": transaction.description,
        "username": merchant.email,
        "simple_status": "CHARGEBACK" if transaction.charge_backs else transaction.status,
        "simple_payment_type": "CC_CUSTOMER_ENTERED" if transaction.checkout_id else "EMV",
        "verification_method": "na",
        "local_time": offset_stamp(transaction.created),
        "card": {"last_4_digits": transaction.last_digits, "type": transaction.brand},
        "tax_enabled": False,
        "transaction_events": transaction_events(transaction, today),
        "events": list_event_documents(transaction, today),
        "links": list_link_documents(transaction, base_url),
    }
    if succeeded:
        document |= {
            "fee_amount": as_json_number(transaction.fee()),
            "payout_date": transaction.payout_date().isoformat(),
            "payout_type": "BANK_ACCOUNT",
            "payout_plan": "SINGLE_PAYMENT",
            "payouts_total": 1,
            "payouts_received": int(transaction.payout_date() <= today),
        }
    return without_empty_values(document)


def _payout_event(transaction, today):
    due = transaction.payout_date()
    return {
        "id": transaction.event_id,
        "status": EventStatus.PAID_OUT if due <= today else EventStatus.SCHEDULED,
        "amount": as_json_number(transaction.amount - transaction.fee()),
        "installment_number": 1,
        "timestamp": z_stamp(transaction.created + dt.timedelta(seconds=1)),
    }, due.isoformat()


def _event_document(event, status):
    return {
        "id": event.event_id,
        "status": status,
        "amount": as_json_number(event.amount),
        "timestamp": z_stamp(event.created),
    }


def _later_events(transaction, name):
    """Refunds and charge backs; `name` is what the list calls the kind of an event."""
    refunds = [{name: "REFUND"} | _event_document(each, each.status) for each in transaction.refunds]
    return refunds + [
        {name: "CHARGE_BACK"} | _event_document(each, EventStatus.SUCCESSFUL) for each in transaction.charge_backs
    ]


def transaction_events(transaction, today):
    if transaction.status == TransactionStatus.FAILED:
        return []
    payout, due = _payout_event(transaction, today)
    return [
        {"event_type": "PAYOUT", "due_date": due, "date": due} | payout,
        *_later_events(transaction, "event_type"),
    ]


def list_event_documents(transaction, today):
    if transaction.status == TransactionStatus.FAILED:
        return []
    owner = {"transaction_id": transaction.id}
    payout, _ = _payout_event(transaction, today)
    later = [owner | event for event in _later_events(transaction, "type")]
    return [owner | {"type": "PAYOUT", "fee_amount": as_json_number(transaction.fee())} | payout, *later]


def list_link_documents(transaction, base_url):
    left = transaction.left()
    if transaction.status == TransactionStatus.FAILED or left <= 0:
        return []
    path = f"/v1.0/merchants/{transaction.merchant_code}/payments/{transaction.id}/refunds"
    return [
        {
            "rel": "refund",
            "href": base_url + path,
            "type": JSON,
            "min_amount": as_json_number(SMALLEST_REFUND),
            "max_amount": as_json_number(left),
        }
    ]


def history_item(entry, transaction, merchant):
    return without_empty_values(
        {
            "id": entry.id,
            "transaction_id": transaction.id,
            "transaction_code": transaction.code,
            "amount": as_json_number(entry.amount),
            "currency": transaction.currency,
            "timestamp": z_stamp(entry.created),
            "status": entry.status,
            "type": entry.type,
            "payment_type": transaction.payment_type,
            "card_type": transaction.brand,
            "installments_count": 1,
            "user": merchant.email,
            "product_summary": transaction.description,
            "payout_date": transaction.payout_date().isoformat(),
            "payout_type": "BANK_ACCOUNT",
            "payout_plan": "SINGLE_PAYMENT",
            "refunded_amount": as_json_number(transaction.refunded()),
        }
    )


def merchant_document(merchant):
    created = "2026-01-05T09:00:00Z"
    return {
        "merchant_code": merchant.code,
        "country": merchant.country,
        "default_currency": merchant.currency,
        "default_locale": merchant.locale,
        "sandbox": merchant.sandbox,
        "alias": merchant.name,
        "business_type": "non_profit",
        "business_profile": {"name": merchant.name, "email": merchant.email},
        "created_at": created,
        "updated_at": created,
    }


def membership_document(merchant):
    created = "2026-01-05T09:00:00Z"
    return {
        "id": f"mem_{merchant.code.lower()}",
        "resource_id": merchant.code,
        "type": "merchant",
        "roles": ["role_admin"],
        "permissions": [],
        "created_at": created,
        "updated_at": created,
        "status": "accepted",
        "resource": {
            "id": merchant.code,
            "type": "merchant",
            "name": merchant.name,
            "created_at": created,
            "updated_at": created,
            "attributes": {"sandbox": True},
        },
    }
