"""The redirect from a mangled link to the page that it meant."""

from copy import copy
from http import HTTPStatus
from urllib.parse import quote

from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect
from django.urls import Resolver404, resolve

from common.http.browser_policy import keep_private
from common.text.forwarded_links import list_mended_paths

METHODS = ("GET", "HEAD")
LEFT_ALONE = {"payments", "static", "media", "documents", "health", "metrics", "mail", "_util"}
"""First parts of addresses that stand in no mail and no poster, or that do something when they are opened."""
NO_PAGE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
SELLING, PRIVATE = "/tickets/", ("/tickets/", "/admin/")


class ForwardedLinkMiddleware:
    """Looks at a 404 alone. It asks the site itself whether the mended address opens, so that it needs to know no page
    and no token, and nonsense stays a 404."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != HTTPStatus.NOT_FOUND or request.method not in METHODS:
            return response
        path = next((path for path in list_meant_addresses(request.path_info) if self.opens(request, path)), None)
        return response if path is None else redirect_within_site(path, request.META.get("QUERY_STRING", ""))

    def opens(self, request, path):
        asked = copy(request)
        asked.path = asked.path_info = path
        asked.META = request.META | {"PATH_INFO": path}
        asked.resolver_match = None
        vars(asked).pop("_wagtail_route_for_request", None)  # what Wagtail has found for the path as it came
        return self.get_response(asked).status_code not in NO_PAGE


def list_meant_addresses(path):
    for each in list_mended_paths(path):
        if each.strip("/").partition("/")[0] in LEFT_ALONE:
            continue
        meant = next((address for address in (f"{each}/", each) if _is_known(address)), path)
        if meant != path:
            yield meant


def _is_known(address):
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


def redirect_within_site(path, query):
    """Within the site: `path` begins with one slash. A query is dropped from a buyer's address."""
    address = quote(path) + (f"?{query}" if query and not path.startswith(SELLING) else "")
    if path.startswith(PRIVATE):
        return keep_private(HttpResponseRedirect(address))
    return HttpResponsePermanentRedirect(address)
