"""OAuth 2.0 with SumUp (contract notes 1.3, 1.5; RFC 6749).

Neither a code, a token nor the secret is ever logged, quoted in a message or shown in a repr.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

from payments.provider import Busy, Grant, InvalidGrant, NotAllowed, ProviderError, Unreadable
from payments.sumup import timed_http
from payments.sumup.bulkhead import Bulkhead

PAYMENTS_SCOPE = "payments"
SCOPE = f"{PAYMENTS_SCOPE} transactions.history user.profile_readonly"
DEFAULT_LIFETIME = 3599  # seconds, when SumUp does not say
LONGEST_TOKEN = 4096
KNOWN_CODES = {
    "invalid_request",
    "invalid_client",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
}


@dataclass(frozen=True)
class OAuthApp:
    """A `payments.provider.ConsentApp`. `bulkhead`: of the merchant that tokens are asked for, or of those who connect
    one.
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    bulkhead: Bulkhead = field(repr=False)

    def authorize_url(self, *, redirect_uri, state, verifier):
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "code_challenge": code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{self.url.rstrip('/')}/authorize?{urlencode(asked)}"

    def exchange(self, *, code, redirect_uri, verifier):
        return self._grant(
            grant_type="authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier
        )

    def refresh(self, refresh_token):
        return self._grant(grant_type="refresh_token", refresh_token=refresh_token)

    def _grant(self, **form):
        form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        headers = {"Accept": "application/json"}
        with timed_http.open_session() as session:
            address = f"{self.url.rstrip('/')}/token"
            response = self.bulkhead.ask(session, "POST", address, data=form, headers=headers, auth=_without_auth)
        return _read_grant(response)


def code_challenge(verifier):
    """PKCE S256 (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _without_auth(request):
    """The form carries the proof: no .netrc of the machine adds another."""
    return request


def _read_grant(response):
    try:
        document = json.loads(response.content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        document = None
    if response.status_code != 200:
        raise _build_refusal(response.status_code, document)
    if not isinstance(document, dict):
        raise Unreadable("the token answer is not a JSON object", status=response.status_code)
    scope = _read_scope(document.get("scope"))
    return Grant(
        access_token=_read_token(document, "access_token"),
        refresh_token=_read_token(document, "refresh_token", default=""),
        expires_in=_read_lifetime(document.get("expires_in")),
        scope=scope,
        may_collect=PAYMENTS_SCOPE in scope.split(),
    )


def _build_refusal(status, document):
    """SumUp's own sentence is left out: it may quote a secret."""
    code = document.get("error") if isinstance(document, dict) else None
    if code == "invalid_grant" and 400 <= status < 500:
        return InvalidGrant("the grant is no longer valid", permanent=True, status=status, code=code)
    code = code if code in KNOWN_CODES else ""
    if status in {424, 429} or status >= 500:
        return Busy("no tokens right now", status=status, code=code)
    if status < 400:
        return Unreadable("no tokens in the answer", status=status)
    kind = NotAllowed if code == "invalid_client" or status == 403 else ProviderError
    return kind("the token request was refused", permanent=True, status=status, code=code)


def _read_token(document, name, default=None):
    value = document.get(name) or default
    if value == default and default is not None:
        return default
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or len(value) > LONGEST_TOKEN:
        raise Unreadable(f"{name} is not a token")
    return value


def _read_lifetime(value):
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 < value < 10**8 else DEFAULT_LIFETIME


def _read_scope(value):
    if value is None:  # as asked for (RFC 6749, 5.1)
        return SCOPE
    if not isinstance(value, str) or not value.isprintable():
        raise Unreadable("scope is not text")
    return " ".join(value.split())[:200]
