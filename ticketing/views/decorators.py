"""Who may send what, and what no cache, robot or other site may keep."""

from functools import wraps

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from protection.privacy import keep_private
from ticketing.domain.orders import placement


def is_from_other_site(request):
    """Whether a browser says that another site wrote this form. Old browsers that say nothing are let through."""
    site = request.headers.get("Sec-Fetch-Site", "")
    if site in ("cross-site", "same-site"):
        return True
    origin = request.headers.get("Origin")
    return bool(origin) and site != "same-origin" and origin.partition("://")[2] != request.get_host()


def refuse_other_sites(view):
    """For forms on pages that are cached for everyone, or that must set no cookie: they can carry no CSRF token.

    Instead the browser's own words count: Sec-Fetch-Site and Origin cannot be set by a page. A form of another site
    is refused before anything is read. What such a form could do is small anyway: it can put tickets in the visitor's
    own basket, which is released after minutes, or have our mail sent to somebody who already bought.
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
    """Open to whoever has the order's link; a wrong token is as unknown as a wrong reference (compared in constant
    time by `placement.find_order_by_link`)."""

    @wraps(view)
    def guarded(request, reference, token, **kwargs):
        order = placement.find_order_by_link(reference, token)
        if order is None:
            raise Http404
        return keep_private(view(request, order, **kwargs))

    return guarded
