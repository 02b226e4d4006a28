"""Redaction of what is written down or sent elsewhere: what went wrong and where, never a code, a token or a person."""

import re

from common.text.email_addresses import E_MAIL

# What is written down is cut first: strangers choose how long a header, an address or the words of an error are.
MOST_LINES, FIRST_LINES = 120, 20
LONGEST_LINE, SHORTEST_LINE, BUDGET = 1_000, 400, 16_000  # characters
LONGEST_WORD = 320  # of what may not be cut in two and stay unrecognised: an e-mail address
BETWEEN_WORDS = frozenset(" \t\"'<>(),;[]{}|")

# Each is linear: a quantifier starts only where a run starts, and gives nothing back.
KEYS = re.compile(r"\b(sup_sk_|cc_sk_|cc_at_|at_|rt_|key-|SG\.|Bearer |Basic )[\w.~+/=-]{6,}+")
CREDENTIALS = re.compile(r"(//[^/\s:@]*+:)[^/\s]+@")  # the password in a database's or Redis' address
TICKETS = re.compile(r"\bJE1\.[\w-]++\.[\w-]++")
TOKENS = re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}+(?![\w/.-])")

# Addresses that open something by themselves: whoever has one is let in. A test compares the list with the site's own
# addresses, and with the map in deploy/nginx/jersey.conf.
PLACES = (
    "tickets/orders/*/",
    "tickets/my-data/",
    "payments/sumup/callback/",
    "admin/password_reset/confirm/*/",
)
"""What stands before a token; * is any one part of an address."""

SLASH = r"(?:/|%2F)++"  # as it is, or quoted in a parameter of another address
PART = r"(?:(?!%2F)[^/?#\s'\"<>])+"  # not "++": Python before 3.11.4 forgets a group that is repeated so
WRAPPED = r"(?: [\w-]++(?=/))?+"  # the second half of one that a mail program broke
TOKEN = re.compile(
    f"({'|'.join(place.replace('/', SLASH).replace('*', PART) for place in PLACES)}){PART}{WRAPPED}", re.IGNORECASE
)
PARAMETER = re.compile(
    r"([?&](?:code|state|token|key|secret|password|signature|x-amz-[a-z]{1,32}|awsaccesskeyid)=)[^&#\s'\"<>]++",
    re.IGNORECASE,
)

HARMLESS = {"Host", "Content-Type", "User-Agent", "X-Request-Id"}  # no cookie, no address of a visitor


def cut_text(text):
    if len(text) <= SHORTEST_LINE:
        return text
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        last = MOST_LINES - FIRST_LINES - 1
        lines = [*lines[:FIRST_LINES], f"[{len(lines) - MOST_LINES + 1} lines]", *lines[-last:]]
    longest = min(LONGEST_LINE, max(SHORTEST_LINE, BUDGET // len(lines)))
    return "\n".join(line if len(line) <= longest else cut_line(line, longest) for line in lines)


def cut_line(line, longest):
    """Between two words, or so early that no address is cut in two."""
    told = f" [of {len(line)} characters]"
    latest = longest - len(told)
    earliest = max(0, latest - LONGEST_WORD)
    end = next((place for place in range(latest, earliest, -1) if line[place] in BETWEEN_WORDS), earliest)
    return line[:end] + told


def hide_tokens(text):
    """`-` in the place of every token of an address, and of what a parameter may not tell."""
    return PARAMETER.sub(r"\1-", TOKEN.sub(r"\1-", text))


def scrub_text(text):
    """Without e-mail addresses, keys, passwords, ticket codes and the tokens of our addresses; cut before."""
    text = hide_tokens(CREDENTIALS.sub(r"\1-@", cut_text(text)))
    return TICKETS.sub("[ticket]", KEYS.sub(r"\1-", E_MAIL.sub("[e-mail]", text)))


def scrub_error_text(text):
    """For the words of an error, which may quote anything: also without whatever else looks like a token."""
    return TOKENS.sub("[token]", scrub_text(text))


def sentry_options(dsn, *, release, environment):
    return {
        "dsn": dsn,
        "release": release or None,
        "environment": environment,
        "send_default_pii": False,
        "include_local_variables": False,
        "max_request_body_size": "never",
        "max_value_length": LONGEST_LINE,
        "before_send": remove_secrets,
        "before_send_transaction": remove_secrets,
    }


def remove_secrets(event, hint=None):
    """Sentry's `before_send`: an address without its query and its token, and no person."""
    request = event.get("request") or {}
    for name in ("query_string", "cookies", "data", "env"):
        request.pop(name, None)
    if "headers" in request:
        request["headers"] = {name: value for name, value in request["headers"].items() if name in HARMLESS}
    if isinstance(request.get("url"), str):
        request["url"] = request["url"].partition("?")[0].partition("#")[0]
    event.pop("user", None)
    for error in (event.get("exception") or {}).get("values") or []:
        error["value"] = scrub_error_text(error.get("value") or "")
    return scrub_values(event)


def scrub_values(value):
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, dict):
        return {name: scrub_values(each) for name, each in value.items()}
    return [scrub_values(each) for each in value] if isinstance(value, list | tuple) else value
