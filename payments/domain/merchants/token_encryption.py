"""What we may never show: SumUp's tokens, encrypted with TOKEN_ENCRYPTION_KEYS: the first encrypts, all decrypt."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class UndecryptableToken(Exception):
    """No key of ours opens it."""


def encrypt_token(secret):
    """Text for the database. ImproperlyConfigured when there is no key: nothing is stored in clear."""
    return _cipher().encrypt(secret.encode()).decode()


def decrypt_token(stored):
    """Raises `Unopenable`, which says nothing about the secret."""
    if not settings.TOKEN_ENCRYPTION_KEYS:
        raise UndecryptableToken("there is no key")
    try:
        return _cipher().decrypt(stored.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise UndecryptableToken("no key opens it") from None


def reencrypt_token(stored):
    """The same secret under the first key. Raises `Unopenable`."""
    try:
        return _cipher().rotate(stored.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise UndecryptableToken("no key opens it") from None


def is_under_first_key(stored):
    """Whether the first key opens it already."""
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
