"""SumUp's API for one credential (contract notes 1.1, 2, 3, 5).

One `requests.Session` per thread. Reads are tried up to three times, in a web request once; writes once, because SumUp
documents no idempotency: whoever lost an answer looks by reference before writing again.
"""

import json
import logging
import random
import threading
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote, urlsplit

from payments import time_limits
from payments.provider import Busy, Hung, NotAsked, Unreachable, Unreadable
from payments.sumup import timed_http
from payments.sumup.answers import read_checkout, read_memberships, read_merchant, read_whole_transaction
from payments.sumup.bulkhead import RateLimit
from payments.sumup.errors import build_error
from payments.sumup.lists import build_history_query, read_entries, read_history_page, read_payout_row

logger = logging.getLogger(__name__)

TRIES = 3
RETRY_SECONDS = 10  # seconds after which no further try begins
LONGEST_PAUSE = 5  # seconds between two tries, whatever Retry-After asks
ACCEPT = "application/problem+json, application/json"
MEMBERSHIPS_A_PAGE = 25
MOST_MEMBERSHIPS = 200
MOST_PAGES = 2000  # of one walk through the history
MOST_PAYOUTS = 9999  # rows SumUp gives at once
PAYER_DOMAIN = "sumup.com"


class Client:
    """A `payments.provider.Provider`, which says what each call promises."""

    def __init__(self, *, url, key, bulkhead, pace=None):
        self.url = url.rstrip("/")
        self.bulkhead = bulkhead
        self.pace = pace or RateLimit(1000)
        self._key = key
        self._local = threading.local()

    def __repr__(self):
        return f"<Client {self.url}>"

    def create_checkout(
        self, *, reference, amount, currency, merchant_code, description, valid_until, redirect_url, return_url
    ):
        body = {
            "checkout_reference": reference,
            "amount": _to_json_number(amount),
            "currency": currency,
            "merchant_code": merchant_code,
            "description": description,
            "valid_until": valid_until.isoformat(timespec="milliseconds"),
            "redirect_url": redirect_url,
            "return_url": return_url,
            "hosted_checkout": {"enabled": True},
        }
        return self._checkout(self._call("POST", "/v0.1/checkouts", json=body))

    def checkout(self, checkout_id):
        return self._checkout(self._read(f"/v0.1/checkouts/{quote(checkout_id, safe='')}"))

    def checkouts(self, reference):
        found = self._read("/v0.1/checkouts", checkout_reference=reference)
        if not isinstance(found, list):
            raise Unreadable("a list was expected")
        return [self._checkout(item) for item in found]

    def deactivate(self, checkout_id):
        return self._checkout(self._call("DELETE", f"/v0.1/checkouts/{quote(checkout_id, safe='')}"))

    def transaction(self, *, merchant_code, transaction_id):
        path = f"/v2.1/merchants/{quote(merchant_code, safe='')}/transactions"
        return read_whole_transaction(self._read(path, id=transaction_id))

    def refund(self, *, merchant_code, transaction_id, amount):
        """Contract notes 3.3, 5.2. A 2xx without sense is no error, for it proves as little as one with."""
        merchant, payment = quote(merchant_code, safe=""), quote(transaction_id, safe="")
        try:
            path = f"/v1.0/merchants/{merchant}/payments/{payment}/refunds"
            self._call("POST", path, json={"amount": _to_json_number(amount)})
        except Unreadable:
            logger.info("sumup.refund_without_answer transaction=%s", transaction_id)

    def merchant(self, merchant_code):
        return read_merchant(self._read(f"/v1/merchants/{quote(merchant_code, safe='')}"))

    def memberships(self):
        """The first 200 (contract notes 3.6)."""
        found, total = [], 1
        asked = {"resource.type": "merchant", "status": "accepted", "limit": MEMBERSHIPS_A_PAGE}
        for offset in range(0, MOST_MEMBERSHIPS, MEMBERSHIPS_A_PAGE):
            if offset >= total:
                break
            page, total = read_memberships(self._read("/v0.1/memberships", offset=offset, **asked))
            found += page
        return found

    def history(
        self,
        *,
        merchant_code,
        changes_since=None,
        oldest_time=None,
        newest_time=None,
        statuses=(),
        types=(),
        transaction_code=None,
        limit=100,
        most_pages=MOST_PAGES,
    ):
        """`changes_since` is about when an item changed, `oldest_time` (inclusive) and `newest_time` (exclusive) about
        when it happened (contract notes 3.2).
        """
        path = f"/v2.1/merchants/{quote(merchant_code, safe='')}/transactions/history"
        query = build_history_query(
            changes_since=changes_since,
            oldest_time=oldest_time,
            newest_time=newest_time,
            statuses=statuses,
            types=types,
            transaction_code=transaction_code,
            limit=limit,
        )
        for _page in range(most_pages):
            items, following = read_history_page(self._read(path, **query))
            yield from items
            if following is None:
                return
            if following == query:
                raise Unreadable("the list goes round in circles")
            query = following
        raise Unreadable(f"the list has more than {most_pages} pages")

    def payouts(self, *, merchant_code, first, last):
        path = f"/v1.0/merchants/{quote(merchant_code, safe='')}/payouts"
        query = {"start_date": first.isoformat(), "end_date": last.isoformat(), "limit": MOST_PAYOUTS, "order": "asc"}
        rows = [read_payout_row(row) for row in read_entries(self._read(path, **query))]
        if len(rows) < MOST_PAYOUTS:
            return rows
        if first == last:
            raise Unreadable("more payouts on one day than SumUp gives at once")
        middle = first + (last - first) // 2
        return [
            *self.payouts(merchant_code=merchant_code, first=first, last=middle),
            *self.payouts(merchant_code=merchant_code, first=middle + timedelta(days=1), last=last),
        ]

    def _checkout(self, data):
        checkout = read_checkout(data)
        # A buyer is only sent to SumUp's own pages, or to the stand-in this client itself speaks to.
        if checkout.hosted_url and not is_payer_page(checkout.hosted_url, api_url=self.url):
            logger.error("sumup.foreign_page checkout=%s", checkout.id)
            return replace(checkout, hosted_url="")
        return checkout

    def _read(self, path, **params):
        """A safe call: tried again when SumUp is busy, unreachable or answers nonsense, but not when it hangs."""
        began = time.monotonic()
        for tries_left in reversed(range(TRIES)):
            try:
                return self._call("GET", path, params=params)
            except (Hung, NotAsked):
                raise
            except (Busy, Unreachable, Unreadable) as error:
                if not tries_left or time_limits.is_in_request() or time.monotonic() - began > RETRY_SECONDS:
                    raise
                time.sleep(_pause_before_retry(error, TRIES - tries_left))
        raise AssertionError("the last try returns or raises")

    def _call(self, method, path, **options):
        if path.endswith("/"):
            raise ValueError("SumUp refuses paths with a trailing slash")
        if not self.pace.wait(time_limits.seconds_left() if time_limits.is_in_request() else None):
            raise NotAsked("too many questions wait for their moment")
        return _read_document(self.bulkhead.ask(self._session, method, self.url + path, **options))

    @property
    def _session(self):
        if not hasattr(self._local, "session"):
            self._local.session = timed_http.open_session()
            self._local.session.headers["Accept"] = ACCEPT
            self._local.session.auth = self._authorise
        return self._local.session

    def _authorise(self, request):
        """As an auth object and not as a header, so that no .netrc of the machine replaces it."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def is_payer_page(address, *, api_url):
    """Https on sumup.com or below; or the very host of the API, when that is a stand-in (contract notes 7.1)."""
    try:
        page, api = urlsplit(address), urlsplit(api_url)
    except ValueError:
        return False
    if is_sumup_address(api_url):
        return is_sumup_address(address)
    return page.scheme in {"http", "https"} and page.hostname is not None and page.hostname == api.hostname


def is_sumup_address(address):
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme == "https" and "@" not in parts.netloc and f".{host}".endswith(f".{PAYER_DOMAIN}")


def _read_document(response):
    text = response.content.decode("utf-8", "replace")
    if not 200 <= response.status_code < 300:
        retry_after = _read_retry_after(response.headers.get("Retry-After"))
        raise build_error(response.status_code, text, retry_after=retry_after)
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Unreadable("the answer is not JSON", status=response.status_code) from None


def _to_json_number(amount):
    """SumUp's schema asks for a number; two places below 10^9 survive exactly."""
    return float(amount)


def _refuse_constant(constant):
    raise ValueError(f"{constant} is no number")


def _read_retry_after(header):
    return int(header) if header and header.isascii() and header.isdigit() and len(header) < 6 else None


def _pause_before_retry(error, tried):
    backoff = random.uniform(0.5, 1) * 0.4 * 2**tried  # noqa: S311 - jitter, not a secret
    return min(LONGEST_PAUSE, error.retry_after if error.retry_after is not None else backoff)
