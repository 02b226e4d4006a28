"""The form again with a captcha, for pages of Wagtail's that could not show one."""

from django.shortcuts import render

from protection.captcha import challenges, delay_challenge, proof_of_work
from protection.privacy import keep_private
from protection.visitors.rate_limits import TOKEN

LONGEST_KEPT = 1000  # characters of a field
ASKED_AGAIN = ("username", "password")


def render_proof_page(request, *, bound):
    """422 with what was typed, but for the password: no page keeps one."""
    context = {
        "captcha": challenges.build_challenge(request, bound=bound),
        "path": request.get_full_path(),
        "kept": _kept_fields(request.POST),
        "asks_name": "username" in request.POST,
        "name": request.POST.get("username", "")[:LONGEST_KEPT],
        "asks_password": "password" in request.POST,
    }
    return keep_private(render(request, "protection/proof.html", context, status=422))


def _kept_fields(data):
    left_out = (TOKEN, proof_of_work.FIELD, delay_challenge.FIELD, *ASKED_AGAIN)
    fields = [(name, value) for name, value in data.items() if name not in left_out and "password" not in name]
    return [(name, value) for name, value in fields if len(name) + len(value) <= LONGEST_KEPT]
