"""Encryption of stored tokens with TOKEN_ENCRYPTION_KEYS: the first key encrypts, all of them decrypt."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class UndecryptableToken(Exception):
    """No key of ours opens it."""


def encrypt_token(secret):
    """Raises ImproperlyConfigured without a key: nothing is stored in clear."""
    return _cipher().encrypt(secret.encode()).decode()


def decrypt_token(stored):
    if not settings.TOKEN_ENCRYPTION_KEYS:
        raise UndecryptableToken("there is no key")
    try:
        return _cipher().decrypt(stored.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise UndecryptableToken("no key opens it") from None


def reencrypt_token(stored):
    """The same secret under the first key. Raises `UndecryptableToken`."""
    try:
        return _cipher().rotate(stored.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise UndecryptableToken("no key opens it") from None


def is_under_first_key(stored):
    try:
        Fernet(settings.TOKEN_ENCRYPTION_KEYS[0]).decrypt(stored.encode())
    except (InvalidToken, UnicodeError):
        return False
    return True


def _cipher():
    return _cipher_of(tuple(settings.TOKEN_ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _cipher_of(keys):
    if not keys:
        raise ImproperlyConfigured("TOKEN_ENCRYPTION_KEYS is not set: tokens are only stored encrypted.")
    return MultiFernet([Fernet(key) for key in keys])
