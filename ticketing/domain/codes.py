"""Ticket codes: what a QR code holds, and how the door tells ours from anybody's.

`JE1.<code>.<mac>` is 38 characters of QR's alphanumeric set, so that it fits a small symbol (version 2, level M). The
mac is the id of the signing key and 80 bits of HMAC-SHA256. There is no personal data in it.
"""

import hashlib
import hmac
import secrets

from django.conf import settings

VERSION = "JE1"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nobody misreads them aloud
CODE_LENGTH = MAC_LENGTH = 16
LETTERS = frozenset(ALPHABET)
SPACES = str.maketrans("", "", " \t\r\n-\u00a0\u2009\u2011")


def new_code():
    """80 random bits as 16 characters: nobody guesses a ticket."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def sign(code):
    """`JE1.<code>.<mac>`, signed with the first of `TICKET_SIGNING_KEYS`."""
    key_id = next(iter(settings.TICKET_SIGNING_KEYS))
    return f"{VERSION}.{code}.{mac(code, key_id)}"


def mac(code, key_id):
    """The key's id and 80 bits of HMAC-SHA256 over version and code."""
    secret = settings.TICKET_SIGNING_KEYS[key_id].encode()
    digest = hmac.new(secret, f"{VERSION}.{key_id}.{code}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:10], "big")
    return key_id + "".join(ALPHABET[(number >> shift) & 31] for shift in range(75, -5, -5))


def read(text):
    """The code, or None for whatever we did not sign with a key still listed.

    Forgives what a keyboard or a wedge scanner does (lower case, spaces, dashes), nothing else. Constant-time.
    """
    parts = tidy(text).split(".")
    if len(parts) != 3 or parts[0] != VERSION or not is_code(parts[1]):
        return None
    given = parts[2]
    if not given.isascii() or given[:1] not in settings.TICKET_SIGNING_KEYS:
        return None
    return parts[1] if hmac.compare_digest(given, mac(parts[1], given[0])) else None


def read_typed(text):
    """The code of a ticket typed in from below its QR code, which stands there without the mac, or None.

    Only where the database is asked next: 80 random bits are not guessed, but nothing here proves they are ours.
    """
    code = tidy(text)
    return code if is_code(code) else None


def grouped(code):
    """`7K2M 9QXT 4HBD W3RP`, as printed below the QR code."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def tidy(text):
    return text[:200].translate(SPACES).upper()


def is_code(text):
    return len(text) == CODE_LENGTH and LETTERS.issuperset(text)
