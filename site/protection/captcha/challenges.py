"""Captcha challenges: what a form asks of a visitor, and whether the answer counts.

    asked = build_challenge(request, bound=basket.token)       # for the template protection/captcha.html
    if check_challenge(request, bound=basket.token): ...       # when the form comes

`bound` is whom an answer counts for: somebody else's is worth nothing. CAPTCHA_PROVIDER says how it is asked: by work
that the browser does (`pow`, nobody else is involved), by hCaptcha, reCAPTCHA or Turnstile, or not at all (`off`).
Whoever has no script, cannot solve it, or meets a provider that is down, waits twenty seconds instead: a nuisance for a
person, and a real price for a machine that wants a thousand baskets.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from common.http.browser_policy import keep_private
from protection.captcha import delay_challenge, hosted_widgets, proof_of_work
from protection.visitors.rate_limits import TOKEN

OFF, POW = "off", "pow"
PROVIDERS = (OFF, POW, *hosted_widgets.PROVIDERS)
GOOD_FOR = 15 * 60  # seconds: who proved it once is not asked again for the same basket
LONGEST_KEPT = 1000  # characters of a field
ASKED_AGAIN = ("username", "password")


@dataclass(frozen=True)
class Challenge:
    """What the page shows: `work` is JSON for our own script, `widget` a provider's; `stamp` is for whoever has
    neither. `why` is one sentence for the visitor."""

    stamp: str
    work: str = ""
    widget: hosted_widgets.Provider | None = None
    site_key: str = ""
    seconds: int = delay_challenge.SECONDS
    why: str = ""


def is_captcha_on():
    return settings.CAPTCHA_PROVIDER != OFF


def build_challenge(request, *, bound, step=0, why=""):
    """None when captchas are off. A provider's widget adds what it needs to this answer's content policy. Each `step`,
    up to three, doubles the browser's work; waiting stays as long as it is."""
    if not is_captcha_on():
        return None
    name = _challenge_name(bound)
    stamp = delay_challenge.get_stamp(request.POST, name=name)
    if settings.CAPTCHA_PROVIDER == POW:
        return Challenge(stamp, work=proof_of_work.build_work_challenge(name, step=step), why=str(why))
    provider = hosted_widgets.PROVIDERS[settings.CAPTCHA_PROVIDER]
    request.content_sources = provider.sources
    return Challenge(stamp, widget=provider, site_key=settings.CAPTCHA_SITE_KEY, why=str(why))


def check_challenge(request, *, bound, step=0, each_time=False):
    """Whether the form carries a good answer, or did so within GOOD_FOR seconds. An answer counts once.

    `each_time`: an answer counts for its own form alone. For what many people are bound to, such as a place.
    """
    name = _challenge_name(bound)
    if not is_captcha_on() or (not each_time and caches["limits"].get(f"captcha:passed:{name}")):
        return True
    if not (_check_answer(request, name, step) or delay_challenge.claim_ripe_stamp(request.POST, name=name)):
        return False
    if not each_time:
        caches["limits"].set(f"captcha:passed:{name}", 1, GOOD_FOR)
    return True


def _check_answer(request, name, step):
    if settings.CAPTCHA_PROVIDER == POW:
        return proof_of_work.check_work_answer(request.POST.get(proof_of_work.FIELD, ""), name, step=step)
    return hosted_widgets.check_widget_answer(request, hosted_widgets.PROVIDERS[settings.CAPTCHA_PROVIDER])


def _challenge_name(bound):
    """`bound` may be a secret such as a basket's token, so pages and the cache get this hash of it."""
    return salted_hmac("protection.captcha", bound).hexdigest()[:32]


def render_proof_page(request, *, bound):
    """422 with what was typed, but for the password: no page keeps one."""
    context = {
        "captcha": build_challenge(request, bound=bound),
        "path": request.get_full_path(),
        "kept": _kept_fields(request.POST),
        "asks_name": "username" in request.POST,
        "name": request.POST.get("username", "")[:LONGEST_KEPT],
        "asks_password": "password" in request.POST,
    }
    return keep_private(render(request, "protection/proof.html", context, status=422))


def _kept_fields(data):
    left_out = (TOKEN, proof_of_work.FIELD, delay_challenge.FIELD, *ASKED_AGAIN)
    fields = [(name, value) for name, value in data.items() if name not in left_out and "password" not in name]
    return [(name, value) for name, value in fields if len(name) + len(value) <= LONGEST_KEPT]
