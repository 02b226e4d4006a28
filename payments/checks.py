"""System checks of SumUp's settings: real money never meets the simulator, and no real key goes to another address."""

from django.conf import settings
from django.core.checks import Error, Warning, register

from payments.domain.merchants.credentials import is_stand_in, key_would_leak


@register("deploy")
def check_provider_settings(app_configs, **kwargs):
    return [*_host_problems(), *_key_problems(), *_app_problems(), *_setup_warnings()]


def _host_problems():
    if not is_stand_in(settings.SUMUP_API_URL) or settings.SUMUP_SIMULATOR_ALLOWED:
        return []
    return [
        Error(
            f"SUMUP_API_URL is {settings.SUMUP_API_URL}, which is not SumUp: nobody would really pay.",
            hint=f"Use {settings.SUMUP_LIVE_URL}. Only the development and test settings may use the simulator.",
            id="payments.E001",
        )
    ]


def _key_problems():
    if not key_would_leak(settings.SUMUP_API_KEY, settings.SUMUP_API_URL):
        return []
    return [
        Error(
            "SUMUP_API_KEY is a real key and SUMUP_API_URL is not SumUp: the key would be given away.",
            hint="The simulator takes sup_sk_demo.",
            id="payments.E002",
        )
    ]


def _app_problems():
    given = [bool(settings.SUMUP_CLIENT_ID), bool(settings.SUMUP_CLIENT_SECRET)]
    if any(given) and not all(given):
        words = "SUMUP_CLIENT_ID and SUMUP_CLIENT_SECRET belong together: only one is set."
        return [Error(words, hint="Both are at me.sumup.com/developers/apps.", id="payments.E003")]
    if all(given) and not settings.TOKEN_ENCRYPTION_KEYS:
        words = "TOKEN_ENCRYPTION_KEYS is not set: tokens of connected accounts are only stored encrypted."
        return [Error(words, hint="`openssl rand -base64 32 | tr +/ -_` makes a key.", id="payments.E004")]
    if key_would_leak(settings.SUMUP_CLIENT_SECRET, settings.SUMUP_API_URL):
        words = "SUMUP_CLIENT_SECRET is a real secret and SUMUP_API_URL is not SumUp: it would be given away."
        return [Error(words, hint="The simulator takes cc_sk_sim_demo.", id="payments.E005")]
    return []


def _setup_warnings():
    missing = [name for name in ("SUMUP_MERCHANT_CODE", "SUMUP_API_KEY") if not getattr(settings, name)]
    if not missing:
        return []
    return [
        Warning(
            f"{' and '.join(missing)} not set: only free tickets can be sold.",
            hint="Both are in the SumUp dashboard, under Settings.",
            id="payments.W001",
        )
    ]
