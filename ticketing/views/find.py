"""Find my tickets: sends the links to the address they were bought with, and tells nobody whether it knows it."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from common.text.email_addresses import readable_email
from ticketing.domain import deliveries
from ticketing.forms import FindForm
from ticketing.views import asking
from ticketing.views.guards import private, same_site


@require_http_methods(["GET", "HEAD", "POST"])
@same_site
@private
def show(request):
    """Anyone. Sets no cookie; the same answer for every address."""
    if request.method != "POST":
        return form_page(request, FindForm())
    form = FindForm(request.POST)
    if not form.is_valid():
        return form_page(request, form, status=422)
    email, asked = form.cleaned_data["email"], asking.count(request, "find", form.cleaned_data["email"])
    if asked.is_refused:
        return asked.told_in(form_page(request, form, status=asked.status, asked=asked))
    deliveries.request_links(email, seldom=asked.is_besieged)
    return render(request, "ticketing/find_sent.html", {"email": readable_email(email)})


def form_page(request, form, *, status=200, asked=asking.CALM):
    context = {"form": form, "minutes": asked.minutes, "captcha": asked.challenge}
    return render(request, "ticketing/find.html", context, status=status)
