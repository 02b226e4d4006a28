"""How pages and files leave: encryption, cookies, policies, disks. By the settings; `visiting` looks from outside."""

import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.launch.background_call import BackgroundCall
from operations.launch.checks.environment import report_refusal
from operations.launch.network import EXAMPLE
from operations.launch.registry import amber, green, red, register_check

HALF_A_YEAR = 182 * 24 * 60 * 60
GIBIBYTE = 1024**3
LOOSE = {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:", "data:"}


@register_check("tls", gettext_lazy("Everything is encrypted"))
def check_tls(facts):
    if not settings.SECURE_SSL_REDIRECT:
        return red(_("Visitors of http:// are not led to https://."), _("Set SECURE_SSL_REDIRECT."))
    if settings.SECURE_PROXY_SSL_HEADER is None:
        return amber(
            _("No proxy is trusted to say that a request was encrypted."), _("Right only without a proxy in front.")
        )
    return green(_("http:// leads to https://."))


@register_check("hsts", gettext_lazy("Browsers remember to encrypt"))
def check_hsts(facts):
    seconds = settings.SECURE_HSTS_SECONDS
    if not seconds:
        return red(_("There is no Strict-Transport-Security."), _("Set SECURE_HSTS_SECONDS to 31536000."))
    if seconds < HALF_A_YEAR:
        return amber(_("For %(count)d days only.") % {"count": seconds // 86_400}, _("A year is usual."))
    return green(_("For %(count)d days.") % {"count": seconds // 86_400})


@register_check("cookies", gettext_lazy("Cookies"))
def check_cookies(facts):
    wanted = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY")
    if missing := [name for name in wanted if not getattr(settings, name)]:
        return red(_("%(names)s off.") % {"names": _(" and ").join(missing)}, _("Turn them on."))
    if settings.SESSION_COOKIE_SAMESITE not in {"Lax", "Strict"}:
        return red(_("Other sites' forms carry our session."), _("Set SESSION_COOKIE_SAMESITE to Lax."))
    return green(_("Sent encrypted only, out of reach of scripts, and not from other sites."))


@register_check("content-policy", gettext_lazy("Content policy"))
def check_content_policy(facts):
    policy = getattr(settings, "CONTENT_SECURITY_POLICY", None) or {}
    directives = policy.get("DIRECTIVES", {})
    sources = directives.get("script-src", directives.get("default-src"))
    if not sources:
        return red(_("Public pages may load scripts from anywhere."), _("Restore CONTENT_SECURITY_POLICY."))
    if loose := sorted(LOOSE.intersection(sources)):
        return red(_("Public pages may run scripts from %(names)s.") % {"names": ", ".join(loose)}, _("Name hosts."))
    return green(_("Scripts come from %(names)s alone.") % {"names": ", ".join(sources)})


@register_check("static-files", gettext_lazy("Static files are collected"))
def check_static_files(facts):
    try:
        there = staticfiles_storage.exists(staticfiles_storage.stored_name(EXAMPLE))
    except AttributeError:
        return red(_("Static files have no hashed names."), _("Use the production settings."))
    except ValueError:
        there = False
    if there:
        return green(_("With hashed names, so that browsers may keep them for a year."))
    return red(_("They were not collected."), _("Run `manage.py collectstatic`."))


@register_check("media", gettext_lazy("Pictures are kept"))
def check_media(facts):
    if not isinstance(default_storage, FileSystemStorage):
        return judge_remote_media()
    if facts.passing_disk:
        return red(
            _("Pictures are on this disk, and %(platform)s throws it away at every restart.")
            % {"platform": facts.passing_disk},
            _("Set S3_BUCKET, or attach a volume and mount it there."),
        )
    if not os.access(_nearest(settings.MEDIA_ROOT), os.W_OK):
        return red(_("The site may not write to its media folder."), _("Give the site's user that folder."))
    return green(_("On this machine's disk."))


def judge_remote_media():
    if wrong := report_refusal("pictures-bucket"):
        return wrong
    try:
        BackgroundCall(default_storage.exists, "launch-check").answer()
    except Exception as error:  # noqa: BLE001 - every storage library has errors of its own
        return red(
            _("The bucket cannot be read (%(error)s).") % {"error": type(error).__name__},
            _("Look at the S3_ variables."),
        )
    return green(_("In S3-compatible storage, which answers."))


def _nearest(folder):
    """The folder, or the one that it would be made in."""
    folder = Path(folder)
    return next(each for each in (folder, *folder.parents) if each.exists())


@register_check("disk", gettext_lazy("Room on the disk"))
def check_disk(facts):
    total, _used, free = facts.disk
    words = _("Free: %(free).1f of %(total).1f GB.") % {"free": free / GIBIBYTE, "total": total / GIBIBYTE}
    if free < GIBIBYTE:
        return red(words, _("Make room: a full disk stops logs, uploads and, with it, the database."))
    if free * 10 < total:
        return amber(words, _("Less than a tenth is left: make room soon."))
    return green(words)
