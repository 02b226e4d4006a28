"""Encryption, cookies, policies, files and disks: by the settings, and as a visitor of SITE_URL finds them."""

import os
import re
import ssl
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.launch.checks.environment import report_refusal
from operations.launch.network import EXAMPLE, NO_ANSWER, BackgroundCall, NotReached, TooSlow
from operations.launch.registry import amber, green, red, register_check

HALF_A_YEAR = 182 * 24 * 60 * 60
GIBIBYTE = 1024**3
RENEW = timedelta(days=14)
A_YEAR = 31_536_000
WANTED = {
    "Strict-Transport-Security": "max-age=",
    "Content-Security-Policy": "src",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "",
    "Referrer-Policy": "",
}
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


def judge_page(name, judge):
    """A check that judges one answer of the visit. No answer in time is amber: it may be our own network."""

    def visit(facts):
        try:
            answer = facts.site.answer()[name]
        except (TooSlow, TimeoutError):
            return amber(
                _("%(url)s did not answer us in time.") % {"url": settings.SITE_URL}, _("Open it from elsewhere.")
            )
        except NotReached:
            return amber(_("Not known until the home page is reached."), _("See “The site is reached”."))
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or type(error).__name__
            return red(_("Its certificate does not fit: %(reason)s.") % {"reason": reason}, _("Renew it."))
        except NO_ANSWER as error:
            return red(
                _("%(url)s cannot be reached (%(error)s).") % {"url": settings.SITE_URL, "error": type(error).__name__},
                _("Start the site; look at its DNS name and its proxy."),
            )
        return judge(answer, facts)

    return visit


def judge_home(answer, facts):
    if answer.status != 200:
        return red(_("The home page answers %(status)d.") % {"status": answer.status}, _("Open it and look."))
    ends = answer.certificate_ends
    if ends and ends < facts.now + RENEW:
        return amber(_("The certificate ends on %(day)s.") % {"day": ends.date().isoformat()}, _("Renew it."))
    return green(_("The home page answers, with a good certificate."))


def judge_redirect(answer, facts):
    if answer is None:
        return green(_("Not asked: SITE_URL names a port of its own."))
    if answer.status in {301, 302, 307, 308} and urlsplit(answer.header("Location")).scheme == "https":
        return green(_("http:// leads to https://."))
    return red(
        _("http:// answers %(status)d without leading to https://.") % {"status": answer.status},
        _("Let the proxy redirect, or pass http on with X-Forwarded-Proto."),
    )


def judge_headers(answer, facts):
    if missing := [name for name, part in WANTED.items() if part not in answer.header(name) or not answer.header(name)]:
        return red(
            _("Pages arrive without %(names)s.") % {"names": ", ".join(missing)}, _("See what the proxy takes away.")
        )
    return green(_("All of them arrive: %(names)s.") % {"names": ", ".join(WANTED)})


def judge_cookies(answer, facts):
    if answer.status != 200:
        return red(_("The sign-in page answers %(status)d.") % {"status": answer.status}, _("Open it and look."))
    if clear := [each.partition("=")[0] for each in answer.cookies if not re.search(r";\s*secure", each, re.I)]:
        return red(_("Cookies arrive unprotected: %(names)s.") % {"names": ", ".join(clear)}, _("Turn Secure on."))
    return green(_("Every cookie arrives with Secure."))


def judge_health(answer, facts):
    if answer.status == 200:
        return green(_("/health/ answers 200."))
    return red(_("/health/ answers %(status)d.") % {"status": answer.status}, _("Open it: it names the reason."))


def judge_static_file(answer, facts):
    if answer is None:
        return red(_("There are no static files to ask for."), _("Run `manage.py collectstatic`."))
    if answer.status != 200:
        return red(_("A style sheet answers %(status)d.") % {"status": answer.status}, _("Run collectstatic; restart."))
    age = re.search(r"max-age=(\d+)", answer.header("Cache-Control"))
    if not age or int(age.group(1)) < A_YEAR:
        return amber(_("Browsers may not keep static files for a year."), _("See what the proxy or the CDN changes."))
    if not answer.header("Content-Encoding"):
        return amber(_("Static files arrive uncompressed."), _("Run collectstatic with the production settings."))
    return green(_("Compressed, and kept by browsers for a year."))


for name, title, part, judge in (
    ("visit-home", gettext_lazy("The site is reached"), "home", judge_home),
    ("visit-redirect", gettext_lazy("http:// is led to https://"), "plain", judge_redirect),
    ("visit-headers", gettext_lazy("Protective headers arrive"), "headers", judge_headers),
    ("visit-cookies", gettext_lazy("Cookies arrive protected"), "sign-in", judge_cookies),
    ("visit-health", gettext_lazy("The health check is reached"), "health", judge_health),
    ("visit-static", gettext_lazy("Static files arrive"), "static", judge_static_file),
):
    register_check(name, title, is_slow=True)(judge_page(part, judge))
