"""What can go wrong at SumUp, with the one bit that callers need: permanent, or try again.

No error carries a body, a header or a credential. Messages of SumUp are cut and cleaned before they are kept.
"""

import json
import re

LONGEST_MESSAGE = 200
LONGEST_READ = 2_000  # characters of a message that are looked at
MESSAGE_KEYS = ("detail", "details", "message", "error_message", "title", "error_description", "error")
CREDENTIAL = re.compile(r"\b(?:sup_|sk_|pk_|at_|rt_|cc_)\w++|Bearer\s++\S++|[\w.\-]{32,}+", re.IGNORECASE)
TRY_AGAIN = {424, 429}
TOO_HIGH = "amount_too_high"
PROCESSED = {"CHECKOUT_PROCESSED", "session-already-processed"}


class SumUpError(Exception):
    """`permanent` False: the same call may succeed later. `code` is SumUp's own word for what went wrong."""

    def __init__(self, message, *, permanent=False, status=None, code="", retry_after=None):
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.status = status
        self.code = code
        self.retry_after = retry_after

    def __str__(self):
        return " ".join(str(part) for part in (self.status, self.code, self.message) if part)


class Unreachable(SumUpError):
    """No answer: refused, timed out or dropped. A write may have taken effect all the same."""


class Hung(Unreachable):
    """No whole answer in the time that there was."""


class NotAsked(Unreachable):
    """Nothing was sent: too many wait for this merchant's answers, or there is no time left. A worker will ask."""


class Unreadable(SumUpError):
    """An answer that makes no sense. Nothing may be concluded from it."""


class Busy(SumUpError):
    """429, 424 or 5xx: SumUp's trouble, not ours."""


class Unauthorised(SumUpError):
    """401: the key is wrong, revoked or missing."""


class InvalidGrant(SumUpError):
    """The code or the refresh token is dead for good: only the merchant can help, by connecting again."""


class NotAllowed(SumUpError):
    """403: SumUp has not enabled online payments for the account, or its edge blocked the call."""


class NotFound(SumUpError):
    """404. Not a proof for something that is seconds old."""


class Duplicate(SumUpError):
    """409: the reference was used before, be it by a dead checkout."""


class AlreadyProcessed(SumUpError):
    """409: too late to deactivate, probably paid."""


class Conflict(SumUpError):
    """409: not in this state."""


class TooHigh(SumUpError):
    """422 to a refund: more than is left. How much that is says the transaction; here SumUp's unit is uncertain."""


class NotEnough(SumUpError):
    """422 to a refund for another reason: as a rule the balance at SumUp is too small (contract notes 3.3)."""


def build_error(status, text, *, retry_after=None):
    """The error for an HTTP status and its body, in whichever of SumUp's nine shapes it comes.

    Contract notes 5.1 (shapes A to I) and 5.2 (what may be tried again).
    """
    document = _parse_json(text)
    code, message = _find_code(document), clean_message(_find_message(document))
    kind, permanent = _error_class(status, code)
    if status == 422:
        kind = TooHigh if any(part.get("reason") == TOO_HIGH for part in _list_parts(document)) else NotEnough
    return kind(message, permanent=permanent, status=status, code=code, retry_after=retry_after)


def clean_message(message):
    """One short line without anything that looks like a credential."""
    return CREDENTIAL.sub("…", strip_unprintable(" ".join(message[:LONGEST_READ].split())))[:LONGEST_MESSAGE]


def strip_unprintable(text):
    """Without control characters and half characters, which no database takes."""
    return "".join(character for character in text if character.isprintable())


def _error_class(status, code):
    if status == 409:
        return {"DUPLICATED_CHECKOUT": Duplicate}.get(code, AlreadyProcessed if code in PROCESSED else Conflict), True
    if status in TRY_AGAIN or status >= 500:
        return Busy, False
    if status < 400:
        return Unreadable, False
    return {401: Unauthorised, 403: NotAllowed, 404: NotFound}.get(status, SumUpError), True


def _parse_json(text):
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _find_code(document):
    """`error_code`, the end of a problem type, or the plain word an older gateway sends."""
    for part in _list_parts(document):
        for key in ("error_code", "code", "error"):
            if isinstance(part.get(key), str):
                return clean_message(part[key])[:64]
        if isinstance(part.get("type"), str):
            return clean_message(part["type"].rstrip("/").rpartition("/")[2])[:64]
    return clean_message(document)[:64] if isinstance(document, str) else ""


def _find_message(document):
    sentences = [_describe_part(part) for part in _list_parts(document)]
    return "; ".join(dict.fromkeys(sentence for sentence in sentences if sentence))


def _describe_part(part):
    words = next((part[key] for key in MESSAGE_KEYS if isinstance(part.get(key), str)), "")
    where = next((part[key] for key in ("param", "reference") if isinstance(part.get(key), str)), "")
    return f"{words} ({where})" if where else words


def _list_parts(document):
    """The object itself, the objects of an array, and what is nested under `errors` or `failed_constraints`."""
    found = [part for part in (document if isinstance(document, list) else [document]) if isinstance(part, dict)]
    nested = [part.get(key) for part in found for key in ("errors", "failed_constraints")]
    for inner in nested:
        found += [part for part in (inner if isinstance(inner, list) else [inner]) if isinstance(part, dict)]
    return found[:10]
