"""What a visitor of SITE_URL really gets."""

import re
import ssl
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.launch.background_call import TooSlow
from operations.launch.network import NO_ANSWER, NotReached
from operations.launch.registry import amber, green, red, register_check

RENEW = timedelta(days=14)
A_YEAR = 31_536_000
WANTED = {
    "Strict-Transport-Security": "max-age=",
    "Content-Security-Policy": "src",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "",
    "Referrer-Policy": "",
}


def judge_page(name, judge):
    """`judge(answer)`; a finding in words when there was no answer. Too slow may be our own network: amber."""

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
    register_check(name, title)(judge_page(part, judge))
