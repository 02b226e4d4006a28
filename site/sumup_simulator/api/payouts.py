"""What reached the merchant's bank: each sale two days later, less the fee; refunds and charge backs as deductions."""

import datetime as dt
from decimal import Decimal

from sumup_simulator.sandbox.records import EventStatus, TransactionStatus, as_json_number

from .answers import Answer, validation_errors


def payout_rows(sandbox, merchant, query):
    period, wrong = _period(query)
    if wrong:
        return Answer(400, _as_array(wrong))
    with sandbox.lock:
        rows = [row for each in _paid(sandbox, merchant) for row in _rows(each)]
    first, last = period
    last = min(last, sandbox.now().date())
    rows = [row for row in rows if first.isoformat() <= row["date"] <= last.isoformat()]
    rows.sort(key=lambda row: row["date"], reverse=query.get("order", ["asc"])[0] == "desc")
    limit = query.get("limit", ["9999"])[0]
    if not limit.isdecimal() or not 1 <= int(limit) <= 9999:
        return Answer(400, _as_array([("limit", "INVALID")]))
    return Answer(200, rows[: int(limit)])


def _as_array(wrong):
    body = validation_errors(wrong).body
    return body if isinstance(body, list) else [body]


def _period(query):
    dates, wrong = [], []
    for name in ("start_date", "end_date"):
        try:
            dates.append(dt.date.fromisoformat(query[name][0]))
        except KeyError:
            wrong.append((name, "MISSING"))
        except ValueError:
            wrong.append((name, "INVALID"))
    if not wrong and dates[0] > dates[1]:
        wrong.append(("end_date", "INVALID"))
    return dates, wrong


def _paid(sandbox, merchant):
    return [
        each
        for each in sandbox.transactions.values()
        if each.merchant_code == merchant.code and each.status != TransactionStatus.FAILED
    ]


def _rows(transaction):
    fee = transaction.fee()
    yield _row(transaction, transaction.event_id, "PAYOUT", transaction.amount - fee, fee, transaction.created)
    for refund in transaction.refunds:
        if refund.status == EventStatus.REFUNDED:
            kind = "REFUND_DEDUCTION"
            done = refund.due or refund.created
            yield _row(transaction, refund.event_id, kind, refund.amount, Decimal(0), done)
    for each in transaction.charge_backs:
        yield _row(transaction, each.event_id, "CHARGE_BACK_DEDUCTION", each.amount, Decimal(0), each.created)


def _row(transaction, row_id, kind, amount, fee, created):
    date = (created + dt.timedelta(days=2)).date().isoformat()
    return {
        "id": row_id,
        "type": kind,
        "amount": as_json_number(amount),
        "date": date,
        "currency": transaction.currency,
        "fee": as_json_number(fee),
        "status": "SUCCESSFUL",
        "reference": f"payout-{date}",
        "transaction_code": transaction.code,
    }
