"""Responses that several views give, and decorators: no caching, no forms of other sites, only with an order's link."""

from functools import wraps

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.csrf import csrf_exempt

from common.http.browser_policy import keep_private
from ticketing.buybox import NotANumber, NothingChosen
from ticketing.domain.errors import LimitExceeded, NotInvited, NotProven, TryLater
from ticketing.domain.orders import order_links

UNPROCESSABLE = (LimitExceeded, NotInvited, NotANumber, NothingChosen, NotProven)


def see_other(to, *args):
    """303: the browser goes on with GET, so that reloading sends nothing twice."""
    return HttpResponseRedirect(resolve_url(to, *args), status=303)


def build_download(content, content_type, name):
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def status_of_error(error):
    """422 for what could never be sold like that, 409 for what cannot be now, 429 for too soon."""
    if isinstance(error, TryLater):
        return 429
    return 422 if isinstance(error, UNPROCESSABLE) else 409


def is_from_other_site(request):
    """By what the browser says. Old browsers that say nothing are let through."""
    site = request.headers.get("Sec-Fetch-Site", "")
    if site in ("cross-site", "same-site"):
        return True
    origin = request.headers.get("Origin")
    return bool(origin) and site != "same-origin" and origin.partition("://")[2] != request.get_host()


def refuse_other_sites(view):
    """Instead of a CSRF token, for forms on pages that are cached for everyone or set no cookie.

    A page cannot set Sec-Fetch-Site or Origin, so a form of another site is refused before it is read. What it could do
    is little: put tickets in the visitor's own basket for minutes, or have e-mail sent to somebody who already bought.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST" and is_from_other_site(request):
            return render(request, "ticketing/refused.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def private_response(view):
    @wraps(view)
    def guarded(request, *args, **kwargs):
        return keep_private(view(request, *args, **kwargs))

    return guarded


def for_order_holder(view):
    """Open to whoever has the order's link. A wrong token is 404 like a wrong reference, and compared in constant
    time."""

    @wraps(view)
    def guarded(request, reference, token, **kwargs):
        order = order_links.find_order_by_link(reference, token)
        if order is None:
            raise Http404
        return keep_private(view(request, order, **kwargs))

    return guarded
