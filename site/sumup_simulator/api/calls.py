"""What every path of the API shares: its route, who calls, and what the caller may see and do."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

from sumup_simulator.sandbox.grants import encode_untrusted

from . import answers
from .answers import Refused

ROUTES = []

CHECKOUTS_READ = frozenset({"payments", "checkouts.read"})
CHECKOUTS_WRITE = frozenset({"payments", "checkouts.write"})
REFUNDS = frozenset({"payments", "refunds.write"})
TRANSACTIONS = frozenset({"transactions.history", "transactions.read"})
PROFILE = frozenset({"user.profile", "user.profile_readonly"})
PAYOUTS = PROFILE | {"payouts.read"}


@dataclass(frozen=True)
class Caller:
    """The bearer of an API key (one merchant, every scope) or of an access token (a person's merchants)."""

    merchants: dict
    scopes: frozenset | None = None

    def may(self, wanted):
        return self.scopes is None or not wanted or bool(self.scopes & wanted)


def authenticate_bearer(sandbox, request, scopes):
    """Raises `Refused` with 401 for a stranger, with 403 for a token whose scopes do not reach here."""
    scheme, _, token = (request.authorization or "").partition(" ")
    caller = _known(sandbox, token.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        raise Refused(answers.unauthorised_problem())
    if not caller.may(scopes):
        reason = "checkout_payments_not_allowed" if "payments" in scopes else "request_not_allowed"
        raise Refused(answers.forbidden_error(reason))
    return caller


def merchants_of(sandbox, request):
    """The codes that whoever calls may act for; of a stranger none."""
    token = (request.authorization or "").partition(" ")[2].strip()
    caller = _known(sandbox, token)
    return set(caller.merchants) if caller else set()


def _known(sandbox, token):
    for merchant in sandbox.merchants.values():
        if compare_digest(encode_untrusted(token), encode_untrusted(merchant.api_key)):
            return Caller({merchant.code: merchant})
    if found := sandbox.grants.access(token):
        return Caller(sandbox.grants.merchants_of(found), frozenset(found.scope.split()))
    return None


@dataclass(frozen=True)
class Route:
    method: str
    pattern: str
    operation: str
    endpoint: Callable
    regex: re.Pattern
    scopes: frozenset
    authenticate: Callable


def register_route(method, pattern, operation, scopes=frozenset(), *, authenticate=authenticate_bearer):
    def register(endpoint):
        regex = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", pattern))
        ROUTES.append(Route(method, pattern, operation, endpoint, regex, scopes, authenticate))
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
        raise Refused(answers.problem_document(405, "bad-request", "Method Not Allowed", "Method not allowed."))
    raise Refused(answers.unknown_path())


@dataclass
class Call:
    """One authenticated request, with what it may see."""

    sandbox: object
    request: object
    caller: Caller
    arguments: dict
    effects: dict

    @property
    def query(self):
        """The first value of each name."""
        return {key: values[0] for key, values in self.request.query.items()}

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
        found = self.sandbox.find(self.arguments["checkout_id"])
        if found is None or found.merchant_code not in self.caller.merchants:
            raise Refused(answers.not_found())
        return found

    def merchant(self, refusal):
        """The merchant in the path, if it is the caller's."""
        try:
            return self.caller.merchants[self.arguments["merchant_code"]]
        except KeyError:
            raise Refused(refusal) from None
