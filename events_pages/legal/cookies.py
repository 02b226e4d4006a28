"""Cookies that this site sets. The cookie page is made of this list, and a test compares the code with it."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common import sales_mode
from events_pages.enums import CookieKind
from events_pages.models.site_settings import SiteSettings
from events_pages.public import page_cache

DAY = timedelta(days=1)
UNITS = (  # days in one, from how many days on
    (365, 360, lambda number: ngettext("%(number)d year", "%(number)d years", number)),
    (30, 60, lambda number: ngettext("%(number)d month", "%(number)d months", number)),
    (1, 1, lambda number: ngettext("%(number)d day", "%(number)d days", number)),
)


@dataclass(frozen=True)
class Cookie:
    """`life` is None for one that goes when the browser is closed; one that is `shorter_at_will` does so too unless
    somebody asks to be remembered. Scripts can read one that is not `http_only`."""

    name: str
    purpose: str
    when: str
    life: timedelta | None
    kind: CookieKind = CookieKind.NECESSARY
    http_only: bool = True
    same_site: str = "Lax"
    shorter_at_will: bool = False

    @property
    def seconds(self):
        return int(self.life.total_seconds()) if self.life else None

    @property
    def life_in_words(self):
        if self.life is None:
            return _("Until you close the browser")
        if self.shorter_at_will:
            return _("%(life)s, or until you close the browser") % {"life": self._life_in_units}
        return self._life_in_units

    @property
    def _life_in_units(self):
        for days, least, words in UNITS:
            if self.life >= least * DAY:
                number = round(self.life / (days * DAY))
                return words(number) % {"number": number}
        hours = round(self.life / timedelta(hours=1))
        return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours}


IN_BASKET = _("When tickets go into your basket")
ON_FORM = _("When a page with a form about you is shown, such as the basket")
STAFF = _("When staff sign in")

CONSENT_COOKIE = Cookie(
    "consent",
    _("Remembers whether you said yes or no to counting visits."),
    _("When you answer"),
    timedelta(days=182),
    http_only=False,
)
INVITATION_COOKIE = Cookie(
    settings.INVITATION_COOKIE_NAME,
    _("Remembers that you are invited to buy while the site sells by invitation."),
    _("When you type the code of an invitation"),
    timedelta(days=90),
)
COOKIES = (
    Cookie(settings.BASKET_COOKIE_NAME, _("Knows your basket again: a random text."), IN_BASKET, DAY),
    Cookie(
        "basket_until",
        _("Says until when your tickets are held, so that every page can show their number."),
        IN_BASKET,
        DAY,
        http_only=False,
    ),
    Cookie(
        settings.CSRF_COOKIE_NAME,
        _("Proves that a form was sent from this site’s own page."),
        ON_FORM,
        timedelta(seconds=settings.CSRF_COOKIE_AGE),
        http_only=settings.CSRF_COOKIE_HTTPONLY,
        same_site=settings.CSRF_COOKIE_SAMESITE,
    ),
    CONSENT_COOKIE,
    INVITATION_COOKIE,
    Cookie(
        settings.SESSION_COOKIE_NAME,
        _("Keeps staff signed in."),
        STAFF,
        timedelta(seconds=settings.SESSION_COOKIE_AGE),
        http_only=settings.SESSION_COOKIE_HTTPONLY,
        same_site=settings.SESSION_COOKIE_SAMESITE,
        shorter_at_will=True,  # Wagtail's “Remember me”
    ),
    Cookie(
        "messages",
        _("Carries a sentence such as “Saved” to the next page."),
        STAFF,
        None,
        http_only=settings.SESSION_COOKIE_HTTPONLY,
        same_site=settings.SESSION_COOKIE_SAMESITE,
    ),
)


def list_cookies(*, asks):
    """An answer to a question is listed only where it is asked, of visitors or of buyers."""
    asked = {CONSENT_COOKIE: asks, INVITATION_COOKIE: sales_mode.is_by_invitation()}
    return [cookie for cookie in COOKIES if asked.get(cookie, True)]


def analytics_of_site(request):
    """(name, address of the script) of the visited site, ("", "") when nobody is asked."""
    return page_cache.remember_for_host(request, "consent", partial(read_analytics, request))


def read_analytics(request):
    own = SiteSettings.for_request(request)
    return (own.analytics_name, own.analytics_script) if own.analytics_script else ("", "")


def script_hosts(request):
    url = urlsplit(analytics_of_site(request)[1])
    return [f"{url.scheme}://{url.netloc}"] if url.netloc else []


def allow_analytics_script(request, response):
    if hosts := script_hosts(request):
        response._csp_update = {"script-src": hosts, "connect-src": hosts}
    return response
