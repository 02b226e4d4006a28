"""Consent to counting visits, and what a page may load once a visitor has given it.

The question stands on the public pages alone, which are kept whole and are the same for everybody; static/js/consent.js
decides what is shown and loads the script. Baskets, orders and the admin never load it: their addresses are secrets.
"""

from functools import partial
from urllib.parse import urlsplit

from events_pages.models.site_settings import SiteSettings
from events_pages.public import page_cache


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
