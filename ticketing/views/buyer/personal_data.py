"""“My data”: what we hold of somebody, by a link to their own address, to read, download and erase."""

from functools import wraps

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import Site

from common.text.email_addresses import readable_email
from events_pages.models import SiteSettings
from protection.visitors.rate_limits import rate_limited
from ticketing.domain.privacy import access_links, erasure, personal_data, retention_dates
from ticketing.views.buyer import mail_request
from ticketing.views.responses import private_response, refuse_other_sites

FOLDER = "ticketing/my_data"


@require_http_methods(["GET", "HEAD", "POST"])
@refuse_other_sites
@private_response
def request_my_data(request):
    """Anyone. Sets no cookie; the same answer for every address."""
    return mail_request.answer_mail_request(
        request,
        "my-data",
        show_form=render_request_form,
        send=access_links.request_personal_data_link,
        sent_template=f"{FOLDER}/sent.html",
    )


def render_request_form(request, form, asked, status):
    context = {"form": form, "minutes": asked.minutes, "captcha": asked.challenge}
    context["privacy_email"] = get_privacy_email(request)
    return render(request, f"{FOLDER}/ask.html", context, status=status)


def for_link_holder(view):
    """Open to whoever has the link that was e-mailed to the address, for a day."""

    @private_response
    @wraps(view)
    def guarded(request, key):
        email = access_links.read_access_key(key)
        if not email:
            return render(request, f"{FOLDER}/link_over.html", status=404)
        return view(request, key, email)

    return guarded


@require_safe
@for_link_holder
def show_my_data(request, key, email):
    """Whoever has the link."""
    held = personal_data.collect_personal_data(email)
    for order in held.orders:
        order.erase_on = retention_dates.erasure_date_of(order.lines.all())
    return render(
        request, f"{FOLDER}/held.html", {"key": key, "held": held, "privacy_email": get_privacy_email(request)}
    )


@require_safe
@for_link_holder
def download_my_data(request, key, email):
    """Whoever has the link. The same as JSON."""
    name = 'attachment; filename="my-data.json"'
    return JsonResponse(
        personal_data.export_personal_data(email),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        headers={"Content-Disposition": name},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("my-data")
@for_link_holder
def erase_my_data(request, key, email):
    """Whoever has the link. GET says what would go and what would stay, POST erases."""
    plan = erasure.plan_erasure(email)
    context = {"key": key, "plan": plan, "email": readable_email(email), "privacy_email": get_privacy_email(request)}
    if request.method != "POST":
        return render(request, f"{FOLDER}/erase.html", context)
    context["certificate"] = erasure.erase_person(email)
    return render(request, f"{FOLDER}/erased.html", context)


def get_privacy_email(request):
    """Empty where nobody is named."""
    site = Site.find_for_request(request)
    own = SiteSettings.for_site(site) if site else SiteSettings()
    return own.privacy_email or own.contact_email
