"""What is put where others may write (Redis) is sealed with SECRET_KEY, so that nothing of theirs is ever unpickled."""

import hmac
import logging
import pickle
from functools import lru_cache

from django.conf import settings
from huey.serializer import Serializer

logger = logging.getLogger(__name__)

SEAL = 32  # bytes in front of what is sealed
LONGEST_NUMBER = 20  # digits and a sign of 64 bits


class Unsealed(ValueError):
    """Not ours, or from before the key was changed."""


def seal_bytes(data, *, purpose):
    return _mac(settings.SECRET_KEY, purpose, data) + data


def open_sealed(data, *, purpose):
    """The bytes that were sealed for the same purpose, by this SECRET_KEY or a former one. Raises `Unsealed`."""
    given, content = data[:SEAL], data[SEAL:]
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(given, _mac(secret, purpose, content)):
            return content
    raise Unsealed


def _mac(secret, purpose, data):
    return hmac.digest(_key(secret, purpose), data, "sha256")


@lru_cache(maxsize=32)
def _key(secret, purpose):
    return hmac.digest(secret.encode(), f"sealing:{purpose}".encode(), "sha256")


class SealedValues:
    """For Django's cache. Numbers are kept as they are, because Redis itself counts with them."""

    def dumps(self, value):
        return (
            value if type(value) is int else seal_bytes(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), purpose="cache")
        )

    def loads(self, data):
        """Raises `Unsealed`, also for what this release no longer knows."""
        if len(data) <= LONGEST_NUMBER:
            return _read_number(data)
        return _unpickle(open_sealed(data, purpose="cache"))


class SealedTasks(Serializer):
    """For Huey's queue."""

    def _serialize(self, data):
        return seal_bytes(super()._serialize(data), purpose="queue")

    def _deserialize(self, data):
        return _unpickle(open_sealed(data, purpose="queue"))


def _read_number(data):
    try:
        return int(data)
    except ValueError:
        raise Unsealed from None


def _unpickle(data):
    """Only ever of bytes that were sealed here."""
    try:
        return pickle.loads(data)  # noqa: S301 - see above
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError) as error:
        raise Unsealed from error
