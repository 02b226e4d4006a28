"""Views of Wagtail's that take a password, bounded as signing in is: shared passwords, and the link to a new one."""

from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from wagtail.admin.views.account import PasswordResetView
from wagtail.documents.views import serve as documents
from wagtail.views import authenticate_with_password

from common.http.network_addresses import client_address, home_network
from common.text.email_addresses import fold_email
from protection.captcha import challenges
from protection.sign_in import lockout
from protection.visitors import rate_limits


def guard_shared_password(view, request, restriction, **ids):
    """`view` answers a wrong password with its form, and the right one with a redirect."""
    if request.method != "POST":
        return view(request, **ids)
    credentials = lockout.shared_password_credentials(restriction)
    if not lockout.is_guess_allowed(request, credentials):
        return lockout.render_lockout(request, None, credentials)
    response = view(request, **ids)
    lockout.record_guess(request, credentials, is_right=response.status_code == 302)
    return response


@never_cache
def page_password(request, page_view_restriction_id, page_id):
    """Anyone with the password of these pages."""
    ids = {"page_view_restriction_id": page_view_restriction_id, "page_id": page_id}
    return guard_shared_password(authenticate_with_password, request, f"pages {page_view_restriction_id}", **ids)


@never_cache
def documents_password(request, restriction_id):
    """Anyone with the password of these documents."""
    view = documents.authenticate_with_password
    return guard_shared_password(view, request, f"documents {restriction_id}", restriction_id=restriction_id)


@never_cache
def reset_password(request):
    """Anyone. Beyond a few an hour for one address the form asks for proof of a person, so that nobody fills an
    inbox."""
    email = fold_email(request.POST.get("email", ""))
    if email and rate_limits.seconds_to_wait(request, "reset-for-one", address=email):
        bound = f"reset {home_network(client_address(request))} {email}"
        if not challenges.check_challenge(request, bound=bound, each_time=True):
            return challenges.render_proof_page(request, bound=bound)
    if email and rate_limits.seconds_to_wait(request, "reset-letters", address=email):
        return redirect("wagtailadmin_password_reset_done")  # the links of the last letters are still good
    return PasswordResetView.as_view()(request)
