"""The captcha for everybody: a signed stamp that counts once SECONDS have passed. No script, picture or puzzle."""

from secrets import token_urlsafe

from django.core.signing import BadSignature, TimestampSigner

from protection.captcha import used

FIELD = "captcha_stamp"
SECONDS = 20
LIFE = 30 * 60
signer = TimestampSigner(salt="protection.captcha.waiting")


def stamp(data, *, name):
    """The stamp that the form brought while it counts, so that nobody waits twice; else a new one."""
    brought = data.get(FIELD, "")
    if _reads(brought, name, LIFE) and not used.was_used(brought):
        return brought
    return signer.sign(f"{name}.{token_urlsafe(6)}")


def is_over(data, *, name):
    """Whether the stamp is ours, for this name, SECONDS old, not older than LIFE and not used before. Marks it as
    used."""
    brought = data.get(FIELD, "")
    waited = _reads(brought, name, LIFE) and not _reads(brought, name, SECONDS)
    return waited and used.is_new(brought, seconds=LIFE)


def _reads(brought, name, age):
    try:
        return signer.unsign(brought, max_age=age).partition(".")[0] == name
    except BadSignature:
        return False
