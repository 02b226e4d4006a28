"""Find my tickets: sends the links to the address they were bought with, and tells nobody whether it knows it."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from protection import limits
from ticketing.domain import deliveries
from ticketing.forms import FindForm
from ticketing.views.guards import private, same_site


@require_http_methods(["GET", "HEAD", "POST"])
@same_site
@private
def show(request):
    """Anyone. Sets no cookie; the same answer for every address; a few times an hour."""
    if request.method != "POST":
        return render(request, "ticketing/find.html", {"form": FindForm()})
    form = FindForm(request.POST)
    if not form.is_valid():
        return render(request, "ticketing/find.html", {"form": form}, status=422)
    email = form.cleaned_data["email"]
    if wait := seconds_to_wait(request, email):
        return too_often(request, form, wait)
    deliveries.request_links(email)
    return render(request, "ticketing/find_sent.html", {"email": email})


def seconds_to_wait(request, email):
    """0 while the sender and the address have asked seldom enough in the last hour."""
    return limits.seconds_to_wait(request, "find") or limits.seconds_to_wait(
        request, "find-address", address=email.lower()
    )


def too_often(request, form, wait):
    minutes = limits.minutes(wait)
    response = render(request, "ticketing/find.html", {"form": form, "minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
