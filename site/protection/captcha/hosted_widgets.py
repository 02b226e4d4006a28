"""Captchas of third parties, for operators who want one: hCaptcha, reCAPTCHA, Turnstile."""

import logging
from dataclasses import dataclass

import requests
from django.conf import settings

from common.http.network_addresses import client_address

logger = logging.getLogger(__name__)

PATIENCE = 5  # seconds
LONGEST = 10_000


@dataclass(frozen=True)
class Provider:
    """`sources` are added to the content policy of a page with the widget."""

    name: str
    script: str
    css_class: str
    field: str
    verify_url: str
    sources: dict


def _sources_from(*hosts):
    return {name: list(hosts) for name in ("script-src", "frame-src", "connect-src", "style-src")}


PROVIDERS = {
    "hcaptcha": Provider(
        "hCaptcha",
        "https://js.hcaptcha.com/1/api.js",
        "h-captcha",
        "h-captcha-response",
        "https://api.hcaptcha.com/siteverify",
        _sources_from("https://hcaptcha.com", "https://*.hcaptcha.com"),
    ),
    "recaptcha": Provider(
        "reCAPTCHA",
        "https://www.google.com/recaptcha/api.js",
        "g-recaptcha",
        "g-recaptcha-response",
        "https://www.google.com/recaptcha/api/siteverify",
        _sources_from("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
    ),
    "turnstile": Provider(
        "Turnstile",
        "https://challenges.cloudflare.com/turnstile/v0/api.js",
        "cf-turnstile",
        "cf-turnstile-response",
        "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        _sources_from("https://challenges.cloudflare.com"),
    ),
}


def check_widget_answer(request, provider):
    """What the provider says by HTTP. A provider that cannot be reached counts as no; the visitor can wait instead
    (`delay_challenge`)."""
    answer = request.POST.get(provider.field, "")
    if not answer or len(answer) > LONGEST:
        return False
    data = {"secret": settings.CAPTCHA_SECRET_KEY, "response": answer, "remoteip": client_address(request) or ""}
    try:
        response = requests.post(settings.CAPTCHA_VERIFY_URL or provider.verify_url, data=data, timeout=PATIENCE)
        said = response.json()
    except (requests.RequestException, ValueError) as error:
        logger.warning("captcha.unreachable provider=%s error=%s", provider.name, type(error).__name__)
        return False
    return isinstance(said, dict) and said.get("success") is True
