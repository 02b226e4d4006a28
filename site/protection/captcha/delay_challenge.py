"""The captcha for everybody: a signed stamp that counts once SECONDS have passed. No script, picture or puzzle."""

from secrets import token_urlsafe

from django.core.signing import BadSignature, TimestampSigner

from protection.captcha import replay_cache

FIELD = "captcha_stamp"
SECONDS = 20
LIFE = 30 * 60
signer = TimestampSigner(salt="protection.captcha.waiting")


def get_stamp(data, *, name):
    """The stamp that the form brought while it counts, so that nobody waits twice; else a new one."""
    brought = data.get(FIELD, "")
    if _is_valid_stamp(brought, name, LIFE) and not replay_cache.is_answer_used(brought):
        return brought
    return signer.sign(f"{name}.{token_urlsafe(6)}")


def claim_ripe_stamp(data, *, name):
    """Whether the stamp is ours, for this name, SECONDS old, not older than LIFE and not used before. Marks it as
    used."""
    brought = data.get(FIELD, "")
    waited = _is_valid_stamp(brought, name, LIFE) and not _is_valid_stamp(brought, name, SECONDS)
    return waited and replay_cache.claim_answer(brought, seconds=LIFE)


def _is_valid_stamp(brought, name, age):
    try:
        return signer.unsign(brought, max_age=age).partition(".")[0] == name
    except BadSignature:
        return False
