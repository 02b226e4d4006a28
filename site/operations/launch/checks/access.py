"""Protection: rate limits, the captcha, administrators and their second factor, maintenance."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice

from operations.enums import Urgency
from operations.launch.registry import amber, green, red, register_check
from protection.visitors import maintenance

SELF_HOSTED = "pow"
GUESSED_FIRST = {"admin", "administrator", "root", "test", "user", "demo"}
NAMED = 5


@register_check("rate-limits", gettext_lazy("Rate limits"))
def check_rate_limits(facts):
    if not settings.RATE_LIMITS:
        return red(_("RATE_LIMITS is off: anybody may try anything as often as they like."), _("Turn it on."))
    if not settings.REDIS_URL:
        return amber(
            _("On, but counted in the database: attempts at the same moment may slip by."), _("Set REDIS_URL.")
        )
    return green(_("On, counted by Redis for all processes together."))


@register_check("client-address", gettext_lazy("Visitors are told apart"))
def check_client_address(facts):
    """Without PROXY_HOPS all visitors behind a proxy share its address and one limit."""
    if settings.SECURE_PROXY_SSL_HEADER and not settings.PROXY_HOPS:
        return red(
            _("PROXY_HOPS is 0 behind a proxy: all visitors share one address and its limits."),
            _("Set it to the number of proxies that append to X-Forwarded-For, usually 1."),
        )
    return green(_("Proxies in front that are believed: %(count)d.") % {"count": settings.PROXY_HOPS})


@register_check("captcha", gettext_lazy("Captcha"))
def check_captcha(facts):
    provider = settings.CAPTCHA_PROVIDER
    if provider == "off":
        return red(_("CAPTCHA_PROVIDER is off: robots may empty a busy sale."), _("Set it to pow."))
    missing = [name for name in ("CAPTCHA_SITE_KEY", "CAPTCHA_SECRET_KEY") if not getattr(settings, name)]
    if provider != SELF_HOSTED and missing:
        return red(_("%(names)s not set.") % {"names": _(" and ").join(missing)}, _("Copy them from the provider."))
    return green(_("%(name)s, asked for when a sale is busy or an address suspicious.") % {"name": provider})


@register_check("two-factor", gettext_lazy("Two-factor sign-in"))
def check_two_factor(facts):
    if not settings.REQUIRE_TWO_FACTOR:
        return red(_("A password alone lets staff in."), _("Set REQUIRE_TWO_FACTOR=true."))
    without = list_names(list_administrators().exclude(pk__in=TOTPDevice.objects.filter(confirmed=True).values("user")))
    if without:
        return red(
            _("Administrators without a second step: %(names)s.") % {"names": without},
            _("Let them sign in once: they are led to set it up."),
        )
    return green(_("Required, and every administrator has set it up."))


@register_check("administrators", gettext_lazy("Administrators"))
def check_administrators(facts):
    known = list_administrators()
    if not known:
        return red(_("Nobody may administer the site."), _("Run `manage.py createsuperuser`."))
    if guessed := list_names(known.filter(username__in=GUESSED_FIRST)):
        return amber(_("Names that robots try first: %(names)s.") % {"names": guessed}, _("Rename them."))
    return green(list_names(known))


@register_check("maintenance", gettext_lazy("Open for sale"), urgency=Urgency.SHOULD)
def check_maintenance(facts):
    if sentence := maintenance.current_sentence():
        return amber(
            _("Selling pauses: “%(sentence)s”") % {"sentence": sentence}, _("End it with `manage.py maintenance off`.")
        )
    return green(_("No maintenance is under way."))


def list_administrators():
    return get_user_model().objects.filter(is_superuser=True, is_active=True).order_by("username")


def list_names(users):
    found = [user.get_username() for user in users[: NAMED + 1]]
    return ", ".join([*found[:NAMED], *(["…"] if len(found) > NAMED else [])])
