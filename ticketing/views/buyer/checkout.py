"""Checkout: one form for who buys, which orders, then the way to the payment."""

from functools import partial

from django.conf import settings
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from common.http.network_addresses import client_address
from common.text.email_addresses import readable_email
from common.text.typed_text import tidy_line
from events_pages.enums import LegalKind
from events_pages.models import LegalPage
from events_pages.public.restrictions import may_read_page
from payments.domain.verification.checkout import NotStarted
from protection.visitors import maintenance
from protection.visitors.rate_limits import rate_limited
from ticketing.domain.accounting import gst
from ticketing.domain.accounting.sellers import list_sellers
from ticketing.domain.errors import NotProven, TicketingError
from ticketing.domain.orders import placement
from ticketing.domain.privacy.retention_dates import erasure_date_of
from ticketing.domain.stock import basket_contents, basket_dates, holds
from ticketing.forms import DetailsForm
from ticketing.models import Order
from ticketing.views.buyer import basket_cookie, purchase_checks
from ticketing.views.buyer.purchase_checks import refuse_robots
from ticketing.views.responses import private_response, see_other, status_of_error


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
@refuse_robots
@rate_limited("checkout")
def show_checkout(request):
    """Whoever holds the basket's cookie. GET asks, POST orders."""
    basket, lines = basket_cookie.find_visitor_basket_and_lines(request)
    if basket is None and (unkept := basket_cookie.release_hold_without_cookie(request)):
        return render(request, "ticketing/no_cookies.html", {"page": unkept, "url": absolute_page_url(unkept)})
    if request.method == "POST" and basket:
        return submit_details(request, basket, lines)
    before = {"name": basket.buyer_name, "email": readable_email(basket.buyer_email)} if basket else None
    contents = basket_contents.read_lines(basket, lines, timezone.now())
    return render_checkout(request, basket, contents, DetailsForm(initial=before), key=request.GET.get("pay", ""))


def absolute_page_url(event_page):
    """As SITE_URL says, to be copied into another browser."""
    return f"{settings.SITE_URL}{event_page.get_url_parts()[2]}"


def render_checkout_again(request, basket, form, **why):
    return render_checkout(request, basket, basket_contents.read_basket(basket, timezone.now()), form, **why)


def render_checkout(request, basket, contents, form, *, key="", error=None, status=200):
    group = next((group for group in contents.groups if group.key == key), None) or next(iter(contents.groups), None)
    context = {"basket": basket, "contents": contents, "group": group, "form": form, "error": error}
    if group is None:
        context["last_order"] = find_last_order(basket)
        return render(request, "ticketing/checkout_empty.html", context, status=status)
    basket_dates.attach_dates(basket, group.lines, timezone.now())
    context |= {"news": basket_dates.list_news(group.lines), "dates_seen": basket_dates.digest_dates(group.lines)}
    sales = {line.ticket_type.sale_id for line in group.lines}
    refused = error.reason if isinstance(error, NotProven) else None
    context["paused"] = maintenance.current_sentence()
    context["captcha"] = purchase_checks.build_order_challenge(request, basket, sales, refused=refused)
    context["others"] = [other for other in contents.groups if other is not group]
    return render(request, "ticketing/checkout.html", context | build_required_information(group), status=status)


def build_required_information(group):
    """What the law and the terms want a buyer to know before ordering."""
    return {
        "terms": LegalPage.current(LegalKind.TERMS),
        "gst": gst.sum_basket_gst(group.lines, on=timezone.localdate()),
        "sellers": list_sellers(line.ticket_type.sale for line in group.lines),
        "erase_on": erasure_date_of(group.lines),
    }


def find_last_order(basket):
    """What became of this basket, for whoever comes back by the Back button."""
    return Order.objects.filter(basket_token=basket.token).order_by("-id").first() if basket else None


def submit_details(request, basket, lines):
    form, key = DetailsForm(request.POST), request.POST.get("group", "")
    typed = {field: tidy_line(form.data.get(field, "")) for field in ("name", "email")}
    keep_typed = partial(holds.save_buyer_details, basket, **typed)
    if not form.is_valid():
        keep_typed()
        return render_checkout_again(request, basket, form, key=key, status=422)
    try:
        placed = check_and_place_order(request, basket, lines, key, form.cleaned_data)
    except TicketingError as error:
        keep_typed()
        return render_checkout_again(request, basket, form, key=key, error=error, status=status_of_error(error))
    left = [line for line in lines if basket_contents.merchant_group_key(line.ticket_type.sale) != key]
    if left:
        keep_typed()  # the next order starts with what was typed for this one
    until = min(filter(None, [line.expires_at for line in left]), default=None)
    return basket_cookie.set_basket_cookie(
        redirect_to_payment(placed, start=placement.start_first_payment), request, basket, until=until
    )


def check_and_place_order(request, basket, lines, key, details):
    purchase_checks.check_order_with_proof(request, basket, lines, email=details["email"])
    terms = LegalPage.current(LegalKind.TERMS)
    return placement.place_order(
        basket,
        merchant_group_key=key,
        name=details["name"],
        email=details["email"],
        terms_version=terms.version if terms else "",
        ip=client_address(request),
        reads=partial(may_read_page, request),
        dates_seen=request.POST.get("dates", ""),
        lines=lines,
    )


def redirect_to_payment(order, *, start=placement.start_or_resume_payment):
    """To the payment's page while the order can be paid, else to its own page.

    Not part of `place_order`: the provider is asked after the order is committed, while no lock is held.
    """
    try:
        url = start(order)
    except NotStarted:
        url = ""
    return see_other(url or order)
