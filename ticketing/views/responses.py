"""Responses that several views give."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from ticketing.buybox import NotANumber, NothingChosen
from ticketing.domain.errors import LimitExceeded, NotInvited, NotProven, TryLater

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
