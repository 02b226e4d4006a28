"""Settings: secrets, addresses, clocks, versions, and who is told of trouble."""

import platform
from datetime import date, timedelta
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.checks import run_checks
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Site

from common import env
from common.production_checks import PREFIX, find_unsafe_settings
from operations.enums import Urgency
from operations.launch.registry import amber, green, red, register_check

SECONDS_APART = 2  # between two machines of ours
SUMUP_APART = 60  # SumUp's signed events are refused beyond 300
# Security fixes end: https://devguide.python.org/versions/ and https://www.djangoproject.com/download/
PYTHON_ENDS = {"3.11": date(2027, 10, 31), "3.12": date(2028, 10, 31), "3.13": date(2029, 10, 31)}
DJANGO_ENDS = {"5.2": date(2028, 4, 30)}


def report_refusal(name):
    """The error with which production would not start, as a finding; None without one."""
    error = find_unsafe_settings(settings).get(name)
    return red(error.msg) if error else None


@register_check("settings", gettext_lazy("Production settings"))
def check_settings_module(facts):
    module = env.read_text("DJANGO_SETTINGS_MODULE", default="")
    if module.endswith(".production"):
        return green(_("%(module)s is in use.") % {"module": module})
    return red(
        _("The site runs on %(module)s.") % {"module": module or "?"},
        _("Set DJANGO_SETTINGS_MODULE=config.settings.production."),
    )


@register_check("debug", gettext_lazy("Debug mode off"))
def check_debug(facts):
    return report_refusal("debug") or green(_("DEBUG is off."))


@register_check("secret-key", gettext_lazy("Secret key"))
def check_secret_key(facts):
    return report_refusal("secret-key") or green(_("SECRET_KEY is long and your own."))


@register_check("allowed-hosts", gettext_lazy("Allowed hosts"))
def check_allowed_hosts(facts):
    if wrong := report_refusal("allowed-hosts"):
        return wrong
    hosts, own = settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname
    if not any(own == host or (host.startswith(".") and own.endswith(host)) for host in hosts):
        return red(_("ALLOWED_HOSTS does not name %(host)s, the host of SITE_URL.") % {"host": own}, _("Add it."))
    if broad := [host for host in hosts if host.startswith(".")]:
        return amber(
            _("ALLOWED_HOSTS takes every host below %(host)s.") % {"host": broad[0]}, _("Name each host exactly.")
        )
    return green(_("The site answers to %(hosts)s.") % {"hosts": ", ".join(hosts)})


@register_check("site-url", gettext_lazy("Address of the site"))
def check_site_url(facts):
    """Wagtail builds addresses from its own record of the site, mails from SITE_URL: they must agree."""
    if wrong := report_refusal("site-url"):
        return wrong
    address, record = urlsplit(settings.SITE_URL), Site.objects.filter(is_default_site=True).first()
    if record is None:
        return red(_("Wagtail has no default site."), _("Make one under Settings → Sites."))
    if (record.hostname, record.port) != (address.hostname, address.port or 443):
        return red(
            _("SITE_URL is %(url)s, but Wagtail's site record says %(host)s, port %(port)s.")
            % {"url": settings.SITE_URL, "host": record.hostname, "port": record.port},
            _("Change the record under Settings → Sites."),
        )
    return green(settings.SITE_URL)


@register_check("trusted-origins", gettext_lazy("Trusted origins"))
def check_trusted_origins(facts):
    origins = settings.CSRF_TRUSTED_ORIGINS
    if foreign := [origin for origin in origins if origin.startswith("http://") or "*" in origin]:
        return red(_("CSRF_TRUSTED_ORIGINS trusts %(origin)s.") % {"origin": foreign[0]}, _("Name https addresses."))
    if settings.SITE_URL not in origins:
        return red(_("CSRF_TRUSTED_ORIGINS does not name SITE_URL: forms may be refused."), _("Add it."))
    return green(", ".join(origins))


@register_check("deploy-checks", gettext_lazy("Django's own deployment checks"))
def check_django_deployment(facts):
    found = [each for each in run_checks(include_deployment_checks=True) if not each.is_silenced()]
    found = [each for each in found if not str(each.id).startswith(PREFIX)]  # each has a check of its own
    serious = [each for each in found if each.is_serious()]
    if not found:
        return green(_("`manage.py check --deploy` finds nothing."))
    worst = (serious or found)[0]
    words = f"{worst.id}: {' '.join(str(worst.msg).split())[:200]}"
    return (red if serious else amber)(words, _("`manage.py check --deploy` lists everything."))


@register_check("time-zone", gettext_lazy("Time zone"))
def check_time_zone(facts):
    if settings.TIME_ZONE == "Europe/Jersey" and settings.USE_TZ:
        return green(_("Times are Jersey's."))
    return red(_("The time zone is %(zone)s.") % {"zone": settings.TIME_ZONE}, _("Set it to Europe/Jersey."))


@register_check("clock", gettext_lazy("Clocks agree"), is_slow=True)
def check_clock(facts):
    apart = abs(database_clock_offset())
    if apart > SECONDS_APART:
        return red(_("The database's clock is %(count)d seconds off ours.") % {"count": apart}, _("Run NTP on both."))
    try:
        ahead = facts.clock.answer()
    except (OSError, TimeoutError):
        ahead = None
    if ahead is None:
        return amber(_("SumUp's clock could not be read to compare it with ours."), _("Run the check again."))
    if abs(ahead) > SUMUP_APART:
        return red(
            _("Our clock and SumUp's are %(count)d seconds apart: signed events would be refused.")
            % {"count": abs(ahead)},
            _("Run NTP on this machine."),
        )
    return green(_("The database's clock, SumUp's and ours agree."))


def database_clock_offset():
    """SQLite has no clock of its own."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp() - %s)", [timezone.now()])
        return round(cursor.fetchone()[0])


@register_check("versions", gettext_lazy("Supported versions"), urgency=Urgency.SHOULD)
def check_versions(facts):
    python, web = ".".join(platform.python_version_tuple()[:2]), django.get_version()
    soon = facts.now.date() + timedelta(days=90)
    ends = {f"Python {python}": PYTHON_ENDS.get(python), f"Django {web}": DJANGO_ENDS.get(web.rpartition(".")[0])}
    for name, end in ends.items():
        if end and end < soon:
            return amber(
                _("%(name)s gets no security fixes after %(end)s.") % {"name": name, "end": end.isoformat()},
                _("Move to a newer version."),
            )
    return green(" · ".join(ends))


@register_check("alerts-address", gettext_lazy("Who hears of trouble"))
def check_alerts_address(facts):
    if not settings.ALERTS_EMAIL:
        return red(_("ALERTS_EMAIL names nobody: alerts are kept, and nobody hears of them."), _("Set ALERTS_EMAIL."))
    if any(is_example_address(address) for address in settings.ALERTS_EMAIL):
        return red(_("ALERTS_EMAIL is an example."), _("Name people who act on it."))
    return green(", ".join(settings.ALERTS_EMAIL))


@register_check("security-contact", gettext_lazy("Who hears of a security hole"), urgency=Urgency.SHOULD)
def check_security_contact(facts):
    contact = settings.SECURITY_CONTACT
    if not contact or is_example_address(contact.partition("://")[2].partition("/")[0] or contact):
        return amber(
            _("SECURITY_CONTACT names nobody: /.well-known/security.txt shows a general address, if there is one."),
            _("Set it to mailto:security@ and your host, or to a page where a hole can be reported."),
        )
    return green(contact)


@register_check("sentry", gettext_lazy("Errors are reported"), urgency=Urgency.SHOULD)
def check_sentry(facts):
    if settings.SENTRY_DSN:
        return green(_("Errors go to Sentry."))
    return amber(_("SENTRY_DSN is not set: errors are only in the log."), _("Set SENTRY_DSN."))


@register_check("logs", gettext_lazy("Logs that a machine reads"), urgency=Urgency.SHOULD)
def check_logs(facts):
    if settings.LOG_FORMAT == "json":
        return green(_("One JSON object a line."))
    return amber(_("Logs are plain lines."), _("Set LOG_FORMAT=json, so that your platform can search them."))


@register_check("metrics", gettext_lazy("Metrics"), urgency=Urgency.SHOULD)
def check_metrics(facts):
    if settings.METRICS_TOKEN:
        return green(_("/metrics answers to whoever has the token."))
    return amber(_("METRICS_TOKEN is not set, so there is no /metrics."), _("Set it when somebody collects them."))


EXAMPLE_HOSTS = ("example", "example.com", "example.org", "example.net", "example.je", "localhost", "invalid", "test")


def is_example_address(address):
    host = address.rpartition("@")[2].strip(" >").lower()
    return not host or any(f".{host}".endswith(f".{example}") for example in EXAMPLE_HOSTS)
