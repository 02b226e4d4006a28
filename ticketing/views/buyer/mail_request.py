"""Requests for an e-mail with links (“find my tickets”, “my data”) and their limits.

Anybody may ask about anybody, so strangers must not be able to keep somebody from their own tickets. Beyond the limits
a form needs proof of a person, a second of the browser's work, and nobody is refused for longer than a minute.
"""

from dataclasses import dataclass

from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from common.http.network_addresses import client_address, home_network, neighbour_network
from common.text.email_addresses import fold_email, readable_email
from protection.captcha import challenges
from protection.visitors import rate_limits
from ticketing.domain.privacy import access_links
from ticketing.forms import FindForm
from ticketing.views.responses import private_response, refuse_other_sites

WHY = _("Very many have asked for this just now.")


@dataclass(frozen=True)
class MailRequestOutcome:
    """Refused for `wait` seconds, asked for proof, or taken.

    `is_asked_often`: so many have asked about the address that its e-mails go out farther apart.
    """

    wait: int = 0
    challenge: challenges.Challenge | None = None
    is_asked_often: bool = False

    @property
    def is_refused(self):
        return bool(self.wait or self.challenge)

    @property
    def status(self):
        return 429 if self.wait else 422

    @property
    def minutes(self):
        return rate_limits.whole_minutes(self.wait)


ALLOWED = MailRequestOutcome()


def answer_mail_request(request, rate, *, show_form, send, sent_template):
    """Shows the form, or calls `send(email, seldom=…)` and shows a page that is the same for every address."""
    if request.method != "POST":
        return show_form(request, FindForm(), ALLOWED, 200)
    form = FindForm(request.POST)
    if not form.is_valid():
        return show_form(request, form, ALLOWED, 422)
    email = form.cleaned_data["email"]
    asked = count_mail_request(request, rate, email)
    if asked.is_refused:
        response = show_form(request, form, asked, asked.status)
        if asked.wait:
            response.headers["Retry-After"] = str(asked.wait)
        return response
    send(email, seldom=asked.is_asked_often)
    return render(request, sent_template, {"email": readable_email(email)})


def count_mail_request(request, rate, email):
    """Counts this request about an address, known or not.

    Only what is taken counts for the address: whoever posts from one place alone costs others nothing.
    """
    if wait := rate_limits.seconds_to_wait(request, rate):
        return MailRequestOutcome(wait=wait)
    email = fold_email(email)
    bound = f"find {home_network(client_address(request))} {email}"
    from_here = _count_and_check(request, "find-from-here", None)
    for_one = _count_and_check(request, "find-for-one", f"{neighbour_network(client_address(request))} {email}")
    is_proven = (from_here or for_one) and challenges.check_challenge(request, bound=bound, each_time=True)
    needs_proof = (from_here or for_one) and not is_proven
    is_asked_often = not needs_proof and _count_and_check(request, "find-address", email)
    if needs_proof or (
        is_asked_often and not is_proven and not challenges.check_challenge(request, bound=bound, each_time=True)
    ):
        return MailRequestOutcome(challenge=challenges.build_challenge(request, bound=bound, why=WHY))
    return MailRequestOutcome(is_asked_often=is_asked_often)


def _count_and_check(request, rate, counted):
    return rate_limits.seconds_to_wait(request, rate, address=counted) > 0


@require_http_methods(["GET", "HEAD", "POST"])
@refuse_other_sites
@private_response
def find_tickets(request):
    """Anyone. Sets no cookie; the same answer for every address."""
    return answer_mail_request(
        request,
        "find",
        show_form=render_find_form,
        send=access_links.request_order_links,
        sent_template="ticketing/find_sent.html",
    )


def render_find_form(request, form, asked, status):
    context = {"form": form, "minutes": asked.minutes, "captcha": asked.challenge}
    return render(request, "ticketing/find.html", context, status=status)
