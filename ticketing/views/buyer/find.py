"""Find my tickets: sends the links to the address they were bought with, and tells nobody whether it knows it."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from common.text.email_addresses import readable_email
from ticketing.domain.messages import outbox
from ticketing.forms import FindForm
from ticketing.views.buyer import mail_request
from ticketing.views.decorators import private_response, refuse_other_sites


@require_http_methods(["GET", "HEAD", "POST"])
@refuse_other_sites
@private_response
def find_tickets(request):
    """Anyone. Sets no cookie; the same answer for every address."""
    if request.method != "POST":
        return render_find_form(request, FindForm())
    form = FindForm(request.POST)
    if not form.is_valid():
        return render_find_form(request, form, status=422)
    email, asked = (
        form.cleaned_data["email"],
        mail_request.count_mail_request(request, "find", form.cleaned_data["email"]),
    )
    if asked.is_refused:
        return asked.told_in(render_find_form(request, form, status=asked.status, asked=asked))
    outbox.request_links(email, seldom=asked.is_besieged)
    return render(request, "ticketing/find_sent.html", {"email": readable_email(email)})


def render_find_form(request, form, *, status=200, asked=mail_request.ALLOWED):
    context = {"form": form, "minutes": asked.minutes, "captcha": asked.challenge}
    return render(request, "ticketing/find.html", context, status=status)
