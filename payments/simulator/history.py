"""A merchant's history in pages: filters with brackets, anchors by entry id, `next` as a query string."""

import datetime as dt

from .answers import Refused, validation_errors

PAGE_SIZE = 10
FILTERS = {
    "statuses[]": lambda entry, transaction: entry.status,
    "types[]": lambda entry, transaction: entry.type,
    "payment_types[]": lambda entry, transaction: "ECOM",
    "entry_modes[]": lambda entry, transaction: "CUSTOMER_ENTRY",
}


def history_page(sandbox, merchant, query):
    """The entries of one page, and the query of the next one (None on the last)."""
    order = query.get("order", ["ascending"])[0]
    limit = _limit(query)
    if order not in {"ascending", "descending"}:
        raise Refused(validation_errors([("order", "INVALID")]))
    with sandbox.lock:
        entries = _between_anchors(list(sandbox.entries[merchant.code]), query)
        found = [each for each in entries if _matches(each, sandbox.transactions[each.transaction_id], query)]
    if order == "descending":
        found.reverse()
    page = found[:limit]
    if len(found) <= limit:
        return page, None
    return page, _following(query, page[-1], order, limit)


def _following(query, last, order, limit):
    kept = {key: values for key, values in query.items() if key not in {"limit", "order"}}
    anchor = "oldest_ref" if order == "ascending" else "newest_ref"
    return kept | {"limit": limit, anchor: last.id, "order": order}


def _limit(query):
    text = query.get("limit", [str(PAGE_SIZE)])[0]
    if not text.isdecimal() or int(text) < 1:
        raise Refused(validation_errors([("limit", "INVALID")]))
    return int(text)


def _between_anchors(entries, query):
    """A ref means only entries after (or before) it, and overrides the time of the same name."""
    positions = {each.id: place for place, each in enumerate(entries)}
    oldest = positions.get(query.get("oldest_ref", [None])[0], -1)
    newest = positions.get(query.get("newest_ref", [None])[0], len(entries))
    return entries[oldest + 1 : newest]


def _matches(entry, transaction, query):
    if query.get("transaction_code", [transaction.code])[0] != transaction.code:
        return False
    for name, value_of in FILTERS.items():
        if name in query and value_of(entry, transaction) not in query[name]:
            return False
    return _in_time(entry, transaction, query)


def _in_time(entry, transaction, query):
    changed = max(entry.created, transaction.changed)
    if "changes_since" in query and changed < _moment(query, "changes_since"):
        return False
    by_time = "oldest_time" in query and "oldest_ref" not in query
    if by_time and entry.created < _moment(query, "oldest_time"):
        return False
    by_time = "newest_time" in query and "newest_ref" not in query
    return not (by_time and entry.created >= _moment(query, "newest_time"))


def _moment(query, name):
    try:
        parsed = dt.datetime.fromisoformat(query[name][0])
    except ValueError:
        raise Refused(validation_errors([(name, "INVALID")])) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)
