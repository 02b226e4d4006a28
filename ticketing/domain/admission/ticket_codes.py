"""Ticket codes: what a QR code holds, and how the door tells ours from anybody's.

`JE1.<code>.<mac>` is 38 characters of QR's alphanumeric set, so that it fits a small symbol (version 2, level M). The
mac is the id of the signing key and 80 bits of HMAC-SHA256. There is no personal data in it.
"""

import hashlib
import hmac
import secrets

from django.conf import settings

from common.text.typed_codes import TICKET_LETTERS, find_code

VERSION = "JE1"
ALPHABET = TICKET_LETTERS
CODE_LENGTH = MAC_LENGTH = 16
SIGNED_LENGTH = len(VERSION) + CODE_LENGTH + 1 + MAC_LENGTH  # the key's id stands before the mac


def generate_ticket_code():
    """80 random bits as 16 characters: nobody guesses a ticket."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def sign_ticket_code(code):
    """`JE1.<code>.<mac>`, signed with the first of `TICKET_SIGNING_KEYS`."""
    key_id = next(iter(settings.TICKET_SIGNING_KEYS))
    return f"{VERSION}.{code}.{compute_code_mac(code, key_id)}"


def compute_code_mac(code, key_id):
    """The key's id and 80 bits of HMAC-SHA256 over version and code."""
    secret = settings.TICKET_SIGNING_KEYS[key_id].encode()
    digest = hmac.new(secret, f"{VERSION}.{key_id}.{code}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:10], "big")
    return key_id + "".join(ALPHABET[(number >> shift) & 31] for shift in range(75, -5, -5))


def verify_ticket_code(text):
    """The code, or None for whatever we did not sign with a key still listed.

    Forgives what keyboards, scanners and people do to letters (`common.text.typed_codes`), nothing else. Constant-time.
    """
    version, code, given = split_signed_code(find_code(text, ALPHABET, SIGNED_LENGTH))
    good = any(
        hmac.compare_digest(given, fold_signature(compute_code_mac(code, key))) for key in list_possible_keys(given)
    )
    return code if version == VERSION and good else None


def split_signed_code(found):
    start, end = len(VERSION), len(VERSION) + CODE_LENGTH
    return found[:start], found[start:end], found[end:]


def list_possible_keys(given):
    """The keys whose id may have been read so: an id may be a letter that codes lack."""
    return [key for key in settings.TICKET_SIGNING_KEYS if fold_signature(key) == given[:1]]


def fold_signature(signature):
    return find_code(signature, ALPHABET, len(signature) - signature.count("."))


def read_typed_ticket_code(text):
    """The code of a ticket typed in from below its QR code, which stands there without the mac, or None.

    Only where the database is asked next: 80 random bits are not guessed, but nothing here proves they are ours.
    """
    return find_code(text, ALPHABET, CODE_LENGTH) or None


def format_ticket_code(code):
    """`7K2M 9QXT 4HBD W3RP`, as printed below the QR code."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
