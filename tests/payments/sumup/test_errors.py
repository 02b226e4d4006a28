"""The nine shapes in which SumUp says no (contract notes 5.1), and what each lets the caller do."""

import json

import pytest

from payments.provider import (
    AlreadyProcessed,
    Busy,
    Conflict,
    Duplicate,
    NotAllowed,
    NotEnough,
    NotFound,
    ProviderError,
    Unauthorised,
    Unreadable,
)
from payments.sumup.errors import build_error, clean_message

PROBLEM = "https://developer.sumup.com/problem/"
SHAPES = {
    "A one field": (
        400,
        {"message": "Validation error", "error_code": "MISSING", "param": "merchant_code"},
        ("MISSING", "Validation error (merchant_code)"),
    ),
    "B several fields": (
        400,
        [
            {"message": "Validation error", "error_code": "INVALID", "param": "amount"},
            {"message": "Validation error", "error_code": "MISSING", "param": "currency"},
        ],
        ("INVALID", "Validation error (amount); Validation error (currency)"),
    ),
    "C code": (404, {"error_code": "NOT_FOUND", "message": "Resource not found"}, ("NOT_FOUND", "Resource not found")),
    "D forbidden": (
        403,
        {"error_message": "checkout_payments_not_allowed", "error_code": "FORBIDDEN", "status_code": "403"},
        ("FORBIDDEN", "checkout_payments_not_allowed"),
    ),
    "E problem": (
        401,
        {"type": PROBLEM + "unauthorized", "title": "Unauthorized", "status": 401, "detail": "Unauthorized."},
        ("unauthorized", "Unauthorized."),
    ),
    "F constraints": (
        400,
        {"title": "Bad", "details": "Invalid", "failed_constraints": [{"message": "too small", "reference": "amount"}]},
        ("", "Invalid; too small (amount)"),
    ),
    "G word": (401, "NOT_AUTHORIZED", ("NOT_AUTHORIZED", "")),
    "H nested": (422, {"errors": {"detail": "Reader is offline", "type": "READER_OFFLINE"}}, (
        "READER_OFFLINE",
        "Reader is offline",
    )),
    "I empty": (500, None, ("", "")),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read(shape):
    status, body, expected = SHAPES[shape]
    error = build_error(status, json.dumps(body) if body is not None else "")
    assert (error.status, error.code, error.message) == (status, *expected)


@pytest.mark.parametrize("text", ["<html><h1>Request blocked</h1></html>", "NOT_AUTHORIZED", "", "[" * 100_000, "\x00"])
def test_what_is_not_json_is_an_error_without_words(text):
    error = build_error(403, text)
    assert (type(error), error.code, error.message) == (NotAllowed, "", "")


@pytest.mark.parametrize(
    ("status", "code", "kind", "permanent"),
    [
        (302, "", Unreadable, False),
        (400, "INVALID", ProviderError, True),
        (401, "", Unauthorised, True),
        (402, "", ProviderError, True),
        (403, "FORBIDDEN", NotAllowed, True),
        (404, "NOT_FOUND", NotFound, True),
        (409, "DUPLICATED_CHECKOUT", Duplicate, True),
        (409, "CHECKOUT_PROCESSED", AlreadyProcessed, True),
        (409, "CONFLICT", Conflict, True),
        (422, "", NotEnough, True),
        (424, "", Busy, False),
        (429, "", Busy, False),
        (500, "", Busy, False),
        (504, "gateway-timeout", Busy, False),
    ],
)
def test_status_decides_whether_to_try_again(status, code, kind, permanent):
    error = build_error(status, json.dumps({"error_code": code}))
    assert (type(error), error.permanent) == (kind, permanent)


def test_a_processed_session_is_known_by_its_problem_type():
    assert isinstance(build_error(409, json.dumps({"type": PROBLEM + "session-already-processed"})), AlreadyProcessed)


@pytest.mark.parametrize(
    "secret",
    [
        "sup_sk_demo",
        "sup_sk_9f8e7d6c5b4a",
        "at_classic_abc",
        "Bearer abc.def",
        "eyJhbGciOi.JIUzI1NiIsInR5cCI6IkpX.VCJ9",
    ],
)
def test_nothing_like_a_credential_is_kept(secret):
    error = build_error(401, json.dumps({"message": f"token {secret} is unknown", "error_code": secret}))
    assert secret not in str(error) + repr(error) + error.code


def test_messages_are_short_and_in_one_line():
    assert clean_message("a\n  b\t" + "word " * 100) == ("a b " + "word " * 100)[:200]
    assert clean_message("a\x00b\ud800") == "ab"
