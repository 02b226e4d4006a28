"""Who may connect accounts, and how much strangers may ask."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin.auth import require_admin_access

from payments.admin.permissions import may_connect_accounts
from payments.domain.merchants import credentials
from protection.privacy import keep_private

LARGEST_BODY = 64 * 1024


def connectors_only(view):
    """Open to signed-in staff who may connect accounts; unknown where connecting is not set up.

    Who was signed out meanwhile starts again from the clean address: a code never ends up in a sign-in form.
    """

    @require_admin_access
    def permitted(request):
        if not may_connect_accounts(request.user):
            raise PermissionDenied
        return view(request)

    @wraps(view)
    def guarded(request):
        if credentials.get_oauth_app() is None:
            raise Http404
        if request.GET and request.user.is_anonymous:
            messages.warning(request, _("You were signed out meanwhile. Please sign in and start again."))
            return keep_private(redirect("payments:connect"))
        return keep_private(permitted(request))

    return guarded


def is_too_large(request):
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not (length.isdigit() and len(length) < 12 and int(length) <= LARGEST_BODY)
