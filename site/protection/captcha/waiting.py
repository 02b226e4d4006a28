"""The way for everybody: a signed stamp that becomes good after a while, without script, picture or puzzle."""

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

FIELD = "captcha_stamp"
SECONDS = 20
LIFE = 30 * 60
signer = TimestampSigner(salt="protection.captcha.waiting")


def stamp(data, *, name):
    """The stamp that the form brought, while it counts, so that nobody waits twice; else a new one."""
    brought = data.get(FIELD, "")
    return brought if _reads(brought, name, LIFE) else signer.sign(name)


def is_over(data, *, name):
    """Whether the stamp is ours, for this name, SECONDS old and not too old."""
    brought = data.get(FIELD, "")
    return _reads(brought, name, LIFE) and not _reads(brought, name, SECONDS)


def _reads(brought, name, age):
    try:
        return signer.unsign(brought, max_age=age) == name
    except (SignatureExpired, BadSignature):
        return False
