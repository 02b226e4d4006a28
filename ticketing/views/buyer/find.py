"""“Find my tickets”: e-mails the links to the address they were bought with."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ticketing.domain.privacy import access_links
from ticketing.views.buyer import mail_request
from ticketing.views.decorators import private_response, refuse_other_sites


@require_http_methods(["GET", "HEAD", "POST"])
@refuse_other_sites
@private_response
def find_tickets(request):
    """Anyone. Sets no cookie; the same answer for every address."""
    return mail_request.answer_mail_request(
        request,
        "find",
        show_form=render_find_form,
        send=access_links.request_order_links,
        sent_template="ticketing/find_sent.html",
    )


def render_find_form(request, form, asked, status):
    context = {"form": form, "minutes": asked.minutes, "captcha": asked.challenge}
    return render(request, "ticketing/find.html", context, status=status)
