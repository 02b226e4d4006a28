"""E-mail addresses as people type, paste, copy and forward them, and the one spelling that we keep.

Kept: no character that nobody sees, and the domain as mail servers know it, in ASCII and lower case
(`docs/decisions/0029-one-spelling-of-an-address.md`). What stands before the @ keeps its case for sending; it is
compared by `fold_email` and looked for by `same_address`, because its case makes nobody another person.
"""

import re
import unicodedata
from contextlib import suppress
from functools import reduce
from operator import or_
from urllib.parse import unquote

import idna
from django.db.models import Q

NAME = r"[\w.!#$&'*+^~-]"
E_MAIL = re.compile(rf"(?<!{NAME}){NAME}++(?:@|%40)[\w-]++(?:\.[\w-]++)++")
"""In a log line or an address of the site: no sign that parts a web address is in it."""

LETTER = r"[^\s<>\"'(),;:]"
E_MAIL_IN_SENTENCE = re.compile(rf"(?<!{LETTER}){LETTER}[^\s<>\"'(),;:@]*+@{LETTER}++")
"""In what somebody typed: rather a word too many than a person left behind."""


LONGEST = 1000
"""Characters. What is longer is nobody's address, and no work is done for it."""

UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Fillers that have no shape, though Unicode calls them letters, marks or symbols."""
JOINERS = str.maketrans("", "", "\u200c\u200d")
"""Between the letters of some scripts they make another domain; anywhere else nobody sees them."""
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
SPACES_AT = re.compile(r"\s?@\s?")
NAMED = re.compile(r"<([^<>]++)>")
SCHEME = re.compile(r"mailto:", re.IGNORECASE)
PAIRS = {"<": ">", "(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“", "`": "`"}
APOSTROPHES = str.maketrans("’‘ʼ", "'''")
"""What phones and word processors make of the one in `o'brien@example.je`; no mail provider gives out the others."""
MOST_BEFORE_AT = 64  # letters, by RFC 5321
AFTER = ".,;:!?)>]}\"'”’»“` "
BEFORE = ",;:(<[{“‘«„ "


def normalise_email(text):
    """The address in the one spelling that we keep, without what a sentence or a mail program put around it.

    Text that is no address comes back tidied, for validation to refuse.
    """
    if len(text) > LONGEST:
        return text
    found = _strip_sentence(_take_address(_show_all(text)))
    name, at, domain = found.rpartition("@")
    return f"{name.translate(JOINERS).translate(APOSTROPHES)}@{_in_ascii(domain)}" if name and at else found


def is_deliverable(email):
    name, _at, domain = email.rpartition("@")
    return email.isascii() and len(name) <= MOST_BEFORE_AT and "." in domain and not domain.startswith("[")


def readable_email(text):
    """The address as its owner writes it: `ana@bücher.example`, kept as `ana@xn--bcher-kva.example`."""
    name, at, domain = text.rpartition("@")
    if "xn--" not in domain.lower():
        return text
    try:
        return f"{name}{at}{idna.decode(domain)}"
    except idna.IDNAError:
        return text


def fold_email(text):
    """Equal for every spelling of an address: for counters and comparisons."""
    return normalise_email(text).lower()


def same_address(field, text):
    """The condition that `field` holds this address, in any spelling; none for an empty one.

    Rows written before addresses had one spelling may hold the other. SQLite ignores the case of ASCII letters only,
    which is enough: domains are in lower case either way.
    """
    conditions = [Q(**{f"{field}__iexact": spelling}) for spelling in list_spellings(text)]
    return reduce(or_, conditions, Q(pk__in=[]))


def list_spellings(text):
    kept = normalise_email(text)
    return list(dict.fromkeys([kept, readable_email(kept)])) if kept else []


def _show_all(text):
    text = SELECTORS.sub("", unicodedata.normalize("NFKC", text))
    text = "".join(" " if each.isspace() else each for each in text)
    text = "".join(each for each in text if _is_seen(each) or ord(each) in JOINERS)
    return SPACES_AT.sub("@", " ".join(text.split()))


def _is_seen(sign):
    return sign not in UNSEEN and not unicodedata.category(sign).startswith("C")


def _take_address(text):
    """Out of `Ana <ana@example.je>` and `mailto:ana@example.je?subject=Hello`."""
    named = [each for each in NAMED.findall(text) if "@" in each]
    if len(named) == 1:
        text = named[0].strip()
    if SCHEME.match(text):
        text = unquote(text[len("mailto:") :].partition("?")[0])
    return text


def _strip_sentence(text):
    while len(text) > 1 and PAIRS.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    ends = AFTER.replace("]", "") if "@[" in text else AFTER
    text = text.lstrip(BEFORE).rstrip(ends) if "@" in text else text
    return text[len("mailto:") :] if SCHEME.match(text) else text


def _in_ascii(domain):
    """By UTS 46 and IDNA 2008, as mail providers do it: Python's own codec would write `straße` as `strasse`."""
    plain = domain.translate(JOINERS)
    for each in (domain, plain):
        with suppress(idna.IDNAError):
            return idna.encode(each, uts46=True).decode("ascii")
    return plain.lower()
