"""What may be written down or sent elsewhere: what went wrong and where, never a code, a token or a person."""

import re
from urllib.parse import urlsplit

SECRET_PATHS = re.compile(r"(/tickets/orders/[^/\s]+/|/tickets/my-data/|/payments/sumup/callback/)[^/\s'\"]+")
E_MAIL = re.compile(r"[\w.+'-]+(@|%40)[\w-]+(\.[\w-]+)+")
KEYS = re.compile(r"\b(sup_sk_|cc_sk_|cc_at_|at_|rt_|key-|SG\.|Bearer |Basic )[\w.~+/=-]{6,}")
CREDENTIALS = re.compile(r"(//[^/\s:@]*:)[^/\s@]+@")  # the password in a database's or Redis' address
TICKETS = re.compile(r"\bJE1\.[\w-]+\.[\w-]+")
TOKENS = re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}(?![\w/.-])")

HARMLESS = {"Host", "Content-Type", "User-Agent", "X-Request-Id"}  # no cookie, no address of a visitor


def scrub(text):
    """A line without e-mail addresses, keys, passwords, ticket codes and the tokens of our addresses."""
    text = SECRET_PATHS.sub(r"\1-", CREDENTIALS.sub(r"\1-@", text))
    return TICKETS.sub("[ticket]", KEYS.sub(r"\1-", E_MAIL.sub("[e-mail]", text)))


def scrub_hard(text):
    """The same, and whatever else looks like a token: for the words of an error, which may quote anything."""
    return TOKENS.sub("[token]", scrub(text))


def sentry_options(dsn, *, release, environment):
    """What `sentry_sdk.init` takes: errors only, without local variables, bodies and people."""
    return {
        "dsn": dsn,
        "release": release or None,
        "environment": environment,
        "send_default_pii": False,
        "include_local_variables": False,
        "max_request_body_size": "never",
        "before_send": without_secrets,
        "before_send_transaction": without_secrets,
    }


def without_secrets(event, hint=None):
    """For Sentry's `before_send`: an address without its query and without the token in its path, and no person."""
    request = event.get("request") or {}
    for name in ("query_string", "cookies", "data", "env"):
        request.pop(name, None)
    if "headers" in request:
        request["headers"] = {name: value for name, value in request["headers"].items() if name in HARMLESS}
    if isinstance(request.get("url"), str):
        request["url"] = urlsplit(request["url"])._replace(query="", fragment="").geturl()
    event.pop("user", None)
    for error in (event.get("exception") or {}).get("values") or []:
        error["value"] = scrub_hard(error.get("value") or "")
    return scrubbed(event)


def scrubbed(value):
    """Every text in a report, however deep, is scrubbed."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {name: scrubbed(each) for name, each in value.items()}
    return [scrubbed(each) for each in value] if isinstance(value, list | tuple) else value
