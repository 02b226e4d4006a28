"""Proof of work by the visitor's browser: find the number whose hash we gave it (altcha.org). No third party is asked.

The page's script (static/js/captcha.js) is ours: altcha's widget brings inline styles and a worker from a blob, which
the content policy of the page where people type their names should not allow.
"""

import base64
import binascii
import json
from datetime import timedelta
from hmac import compare_digest

import altcha
from django.utils import timezone
from django.utils.crypto import salted_hmac

from protection.captcha import replay_cache

FIELD = "captcha_answer"
HARDEST = 50_000  # hashes at most: about a second of a phone, half of that on average; each step doubles it
LIFE = 20 * 60  # seconds: as long as somebody may sit over the form
LONGEST = 2000


def build_work_challenge(name, *, step=0):
    most = _max_number(step)
    options = altcha.ChallengeOptions(
        hmac_key=_signing_key(),
        max_number=most,
        expires=timezone.now() + timedelta(seconds=LIFE),
        params={"for": name, "of": str(most)},
    )
    return json.dumps(altcha.create_challenge(options).to_dict())


def check_work_answer(answer, name, *, step=0):
    """Whether it is right, in time, for this name, as hard as the step asks and not used before. Marks it as used."""
    payload = _read_answer(answer)
    return (
        bool(payload)
        and _is_right(payload, name, _max_number(step))
        and replay_cache.claim_answer(payload["challenge"], seconds=LIFE)
    )


def _read_answer(answer):
    if not answer or len(answer) > LONGEST:
        return None
    try:
        payload = json.loads(base64.b64decode(answer, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(payload, dict) or type(payload.get("number")) is not int or payload.get("algorithm") != "SHA-256":
        return None
    return payload if all(isinstance(payload.get(key), str) for key in ("challenge", "salt", "signature")) else None


def _max_number(step):
    return HARDEST << step


def _is_right(payload, name, hardest):
    """The signature covers the salt, and the salt holds name, end and difficulty."""
    try:
        ours = altcha.create_challenge(
            altcha.ChallengeOptions(hmac_key=_signing_key(), number=payload["number"], salt=payload["salt"])
        )
        stated = altcha.extract_params(payload)
        in_time = int(stated["expires"][0]) > timezone.now().timestamp()
        is_hard = int(stated["of"][0]) >= hardest
        right = compare_digest(ours.signature.encode(), payload["signature"].encode())
    except (ValueError, KeyError):
        return False
    return right and ours.challenge == payload["challenge"] and in_time and is_hard and stated.get("for") == [name]


def _signing_key():
    return salted_hmac("protection.captcha.pow", "key").hexdigest()
