"""A merchant's history in pages (filters with brackets, anchors by entry id, `next` as a query string); its payouts:
each sale two days later, less the fee; refunds and charge backs as deductions."""

import datetime as dt
from decimal import Decimal
from itertools import islice

from sumup_simulator.sandbox.records import EntryType, EventStatus, TransactionStatus, as_json_number

from .answers import Answer, Refused, validation_errors

PAGE_SIZE = 10
FILTERS = {
    "users[]": lambda entry, transaction, merchant: {merchant.email},
    "statuses[]": lambda entry, transaction, merchant: _statuses(entry),
    "types[]": lambda entry, transaction, merchant: {entry.type},
    "payment_types[]": lambda entry, transaction, merchant: {transaction.payment_type},
    "entry_modes[]": lambda entry, transaction, merchant: {transaction.entry_mode},
}


def _statuses(entry):
    """The filter knows CHARGE_BACK although no transaction has that status."""
    return {EntryType.CHARGE_BACK} if entry.type == EntryType.CHARGE_BACK else {entry.status}


def history_page(sandbox, merchant, query):
    """The entries of one page, and the query of the next one (None on the last)."""
    order, limit = query.get("order", ["ascending"])[0], _limit(query)
    if order not in {"ascending", "descending"}:
        raise Refused(validation_errors([("order", "INVALID")]))
    with sandbox.lock:
        found = _between_anchors(sandbox, merchant.code, query)
    if order == "descending":
        found.reverse()
    for check in _checks(sandbox.transactions, merchant, query):
        found = filter(check, found)
    page = list(islice(found, limit + 1))
    if len(page) <= limit:
        return page, None
    return page[:limit], _following(query, page[limit - 1], order, limit)


def _following(query, last, order, limit):
    kept = {key: values for key, values in query.items() if key not in {"limit", "order"}}
    anchor = "oldest_ref" if order == "ascending" else "newest_ref"
    return kept | {"limit": limit, anchor: last.id, "order": order}


def _limit(query):
    text = query.get("limit", [str(PAGE_SIZE)])[0]
    if not text.isdecimal() or int(text) < 1:
        raise Refused(validation_errors([("limit", "INVALID")]))
    return int(text)


def _between_anchors(sandbox, merchant_code, query):
    """A ref means only entries after (or before) it, and overrides the time of the same name."""
    entries = sandbox.entries[merchant_code]
    oldest = sandbox.place_of(merchant_code, query.get("oldest_ref", [None])[0])
    newest = sandbox.place_of(merchant_code, query.get("newest_ref", [None])[0])
    return entries[0 if oldest is None else oldest + 1 : newest]


def _checks(transactions, merchant, query):
    """One question for each filter of the query, cheap enough for tens of thousands of entries."""
    if "changes_since" in query:
        yield _changed_since(transactions, _moment(query, "changes_since"))
    if "oldest_time" in query and "oldest_ref" not in query:
        oldest = _moment(query, "oldest_time")
        yield lambda entry: entry.created >= oldest
    if "newest_time" in query and "newest_ref" not in query:
        newest = _moment(query, "newest_time")
        yield lambda entry: entry.created < newest
    if "transaction_code" in query:
        code = query["transaction_code"][0]
        yield lambda entry: transactions[entry.transaction_id].code == code
    for name in FILTERS.keys() & query.keys():
        yield _one_of(FILTERS[name], set(query[name]), transactions, merchant)


def _changed_since(transactions, moment):
    return lambda entry: entry.created >= moment or transactions[entry.transaction_id].changed >= moment


def _one_of(words_of, wanted, transactions, merchant):
    return lambda entry: words_of(entry, transactions[entry.transaction_id], merchant) & wanted


def _moment(query, name):
    try:
        parsed = dt.datetime.fromisoformat(query[name][0])
    except ValueError:
        raise Refused(validation_errors([(name, "INVALID")])) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)


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
