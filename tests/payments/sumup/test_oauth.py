"""OAuth as SumUp speaks it, and that no error of ours repeats a secret."""

import json
from types import SimpleNamespace

import pytest

from payments.provider import Busy, InvalidGrant, NotAllowed, ProviderError, Unreachable, Unreadable
from payments.sumup import answers, oauth
from tests.payments.factories import make_bulkhead

GOOD = {
    "access_token": "at_1",
    "token_type": "Bearer",
    "expires_in": 3599,
    "refresh_token": "rt_1",
    "scope": "payments",
}
SECRETS = ("cc_sk_secret", "rt_secret", "ac_secret")


def read(status, document):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return oauth._read_grant(SimpleNamespace(status_code=status, content=body))


def test_a_grant_hides_its_tokens():
    grant = read(200, GOOD | {"another": "key"})
    assert (grant.access_token, grant.refresh_token, grant.expires_in, grant.scope) == (
        "at_1",
        "rt_1",
        3599,
        "payments",
    )
    assert not {"at_1", "rt_1"} & set(repr(grant).replace("'", " ").split())


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"refresh_token": None}, "refresh_token", ""),
        ({"expires_in": None}, "expires_in", 3599),
        ({"expires_in": "soon"}, "expires_in", 3599),
        ({"expires_in": -1}, "expires_in", 3599),
        ({"scope": None}, "scope", oauth.SCOPE),
        ({"scope": ""}, "scope", ""),
        ({"scope": "  payments   other "}, "scope", "payments other"),
    ],
)
def test_what_sumup_leaves_out(changes, field, expected):
    assert getattr(read(200, GOOD | changes), field) == expected


@pytest.mark.parametrize(
    "document",
    [b"", b"<html>", b"[]", b"null", GOOD | {"access_token": None}, GOOD | {"access_token": 7}, GOOD | {"scope": 7},
     GOOD | {"access_token": "a\nb"}, GOOD | {"access_token": "a" * 5000}, GOOD | {"refresh_token": ["rt"]}],
)  # fmt: skip
def test_nonsense_is_unreadable(document):
    with pytest.raises(Unreadable):
        read(200, document)


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (400, {"error": "invalid_grant", "error_description": "rt_secret is dead"}, InvalidGrant),
        (401, {"error": "invalid_client", "error_description": "cc_sk_secret"}, NotAllowed),
        (400, {"error": "invalid_request"}, ProviderError),
        (403, b"<html>rt_secret</html>", NotAllowed),
        (429, {"error": "slow_down"}, Busy),
        (503, {"error": "invalid_grant"}, Busy),
        (302, b"", Unreadable),
    ],
)
def test_refusals_are_told_apart_and_quote_nothing(status, document, kind):
    with pytest.raises(kind) as caught:
        read(status, document)
    assert type(caught.value) is kind
    assert not any(secret in f"{caught.value!r} {caught.value}" for secret in SECRETS)


def test_nobody_there_quotes_nothing():
    app = oauth.OAuthApp("http://127.0.0.1:9", "cc_1", "cc_sk_secret", make_bulkhead())
    with pytest.raises(Unreachable) as caught:
        app.exchange(code="ac_secret", redirect_uri="http://x/", verifier="v")
    assert caught.value.__cause__ is None
    assert not any(secret in f"{caught.value!r} {app!r}" for secret in SECRETS)


def test_pkce_vector():
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert oauth.code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"merchant_code": "M1"}, {"merchant_code": "M/1", "default_currency": "GBP", "country": "GB"},
     {"merchant_code": "M1", "default_currency": "GBP", "country": "GB", "sandbox": "yes"}],
)  # fmt: skip
def test_a_merchant_that_makes_no_sense_is_unreadable(document):
    with pytest.raises(Unreadable):
        answers.read_merchant(document)


@pytest.mark.parametrize("document", [None, {}, {"items": {}, "total_count": 1}, {"items": [7], "total_count": 1}])
def test_memberships_that_make_no_sense_are_unreadable(document):
    with pytest.raises(Unreadable):
        answers.read_memberships(document)


def test_memberships_come_page_by_page(simulator, client):
    """`client` speaks with the key of MDEMO001."""
    assert [each.merchant_code for each in client.memberships()] == ["MDEMO001"]
    assert client.merchant("MDEMO001").currency == "GBP"
