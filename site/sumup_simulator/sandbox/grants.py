"""Who may act for which merchant: SumUp people consent, an app gets codes and tokens. Only digests are kept.

As documented: a code works once and not for long; an access token lives for 3599 seconds; a refresh may or may not
bring a new refresh token, and the old one stays valid. Nobody says how long a code lives: here five minutes.
"""

import base64
import datetime as dt
import hashlib
import secrets
from hmac import compare_digest

from .records import APP, PEOPLE, Code, Token, TokenKind

CODE_LIFE = dt.timedelta(minutes=5)
ACCESS_SECONDS = 3599
REFRESH_LIFE = dt.timedelta(days=180)
DEFAULT_SCOPES = ("transactions.history", "user.profile_readonly", "user.app-settings")
# SumUp enables these by hand, app by app; without that they are left out of what is granted
ENABLED_BY_HAND = frozenset({"payments", "payment_instruments", "checkouts.read", "checkouts.write", "refunds.write"})
SCOPES = ENABLED_BY_HAND | {
    *DEFAULT_SCOPES,
    *("user.profile", "user.subaccounts", "user.payout-settings", "products"),
    *("transactions.read", "payouts.read", "receipts.read", "customers.read", "customers.write"),
}
RETURN_PATH = "/payments/sumup/connect/return/"
REDIRECT_URIS = tuple(f"http://{host}{RETURN_PATH}" for host in ("localhost:8000", "127.0.0.1:8000", "testserver"))


class GrantRefused(Exception):
    """An error of RFC 6749, by its name and in a sentence."""

    def __init__(self, error, description):
        super().__init__(description)
        self.error = error
        self.description = description


def encode_untrusted(text):
    """Whatever a stranger sent: half a surrogate pair cannot be encoded."""
    return text.encode(errors="replace")


def hash_secret(secret):
    return hashlib.sha256(encode_untrusted(secret)).hexdigest()


def challenge_of(verifier):
    """PKCE S256 (RFC 7636, 4.2)."""
    hashed = hashlib.sha256(encode_untrusted(verifier)).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


class Grants:
    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.people = {person.name: person for person in PEOPLE}
        self.registered = REDIRECT_URIS
        self.reset()

    def reset(self):
        self.redirect_uris = self.registered
        self.payments_scope = True
        self.rotate_refresh_tokens = True
        self.codes = {}
        self.tokens = {}

    def register(self, redirect_uris):
        """These instead of the usual ones, also after a reset."""
        self.registered = self.redirect_uris = tuple(redirect_uris)

    def is_app(self, client_id, client_secret):
        known = compare_digest(encode_untrusted(client_id), encode_untrusted(APP.client_id))
        return compare_digest(encode_untrusted(client_secret), encode_untrusted(APP.client_secret)) and known

    def granted(self, asked):
        """What an app that asks for these scopes is given. Raises `GrantRefused` for one that does not exist."""
        wanted = asked.split() or DEFAULT_SCOPES
        if unknown := [each for each in wanted if each not in SCOPES]:
            raise GrantRefused("invalid_scope", f"unknown scope {unknown[0]}")
        return " ".join(each for each in wanted if self.payments_scope or each not in ENABLED_BY_HAND)

    def authorise(self, person, *, redirect_uri, scope, challenge):
        """A code for the app that may now act for the person."""
        code = f"ac_sim_{secrets.token_urlsafe(24)}"
        with self.sandbox.lock:
            expires = self.sandbox.now() + CODE_LIFE
            self.codes[hash_secret(code)] = Code(
                hash_secret(code), person.name, redirect_uri, scope, expires, challenge
            )
            self.sandbox.changes += 1
        return code

    def redeem(self, code, *, redirect_uri, verifier):
        """The answer of the token endpoint. A code is used up also by a wrong try."""
        with self.sandbox.lock:
            found = self.codes.pop(hash_secret(code), None)
            self.sandbox.changes += 1
            if found is None or found.expires <= self.sandbox.now():
                raise GrantRefused("invalid_grant", "the code is unknown, used or expired")
            if found.redirect_uri != redirect_uri:
                raise GrantRefused("invalid_grant", "redirect_uri differs from that of the authorization request")
            if found.challenge and not compare_digest(challenge_of(verifier), found.challenge):
                raise GrantRefused("invalid_grant", "code_verifier does not fit the code_challenge")
            return self._issue(found.person, found.scope, rotate=True)

    def refresh(self, refresh_token, *, scope):
        with self.sandbox.lock:
            found = self._live(refresh_token, TokenKind.REFRESH)
            if found is None:
                raise GrantRefused("invalid_grant", "refresh token is no longer valid")
            if not set(scope.split()) <= set(found.scope.split()):
                raise GrantRefused("invalid_scope", "more than was granted")
            return self._issue(found.person, scope or found.scope, rotate=self.rotate_refresh_tokens)

    def _issue(self, person, scope, *, rotate):
        access = self._new(TokenKind.ACCESS, person, scope, dt.timedelta(seconds=ACCESS_SECONDS))
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": ACCESS_SECONDS, "scope": scope}
        if rotate:
            answer["refresh_token"] = self._new(TokenKind.REFRESH, person, scope, REFRESH_LIFE)
        return answer

    def _new(self, kind, person, scope, life):
        token = f"{kind}_sim_{secrets.token_urlsafe(32)}"
        self.tokens[hash_secret(token)] = Token(hash_secret(token), kind, person, scope, self.sandbox.now() + life)
        self.sandbox.changes += 1
        return token

    def _live(self, token, kind):
        found = self.tokens.get(hash_secret(token))
        return found if found and found.kind == kind and found.expires > self.sandbox.now() else None

    def access(self, token):
        """The live access token, or None."""
        return self._live(token, TokenKind.ACCESS)

    def refreshing(self, token):
        """The live refresh token, or None."""
        return self._live(token, TokenKind.REFRESH)

    def merchants_of(self, token):
        codes = self.people[token.person].merchant_codes
        return {code: self.sandbox.merchants[code] for code in codes}

    def revoke(self, merchant_code):
        """As if the merchant's people had removed the app at SumUp. How many tokens died."""
        people = {person.name for person in PEOPLE if merchant_code in person.merchant_codes}
        return self._drop(lambda token: token.person in people)

    def expire_access(self):
        return self._drop(lambda token: token.kind == TokenKind.ACCESS)

    def _drop(self, dead):
        with self.sandbox.lock:
            before = len(self.tokens)
            self.tokens = {key: token for key, token in self.tokens.items() if not dead(token)}
            self.sandbox.changes += 1
            return before - len(self.tokens)

    def live(self):
        """How many tokens of each kind would be taken now."""
        with self.sandbox.lock:
            alive = [token.kind for token in self.tokens.values() if token.expires > self.sandbox.now()]
        return {"access": alive.count(TokenKind.ACCESS), "refresh": alive.count(TokenKind.REFRESH)}
