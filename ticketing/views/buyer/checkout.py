"""Checkout: one page that asks who buys, one form that orders, then SumUp."""

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
from payments.domain.verification import payment_checks
from payments.domain.verification.checkout import NotStarted
from protection.visitors.rate_limits import rate_limited
from ticketing.domain.accounting import gst
from ticketing.domain.accounting.sellers import list_sellers
from ticketing.domain.errors import NotProven, TicketingError
from ticketing.domain.orders import placement
from ticketing.domain.privacy.retention_dates import erasure_date_of
from ticketing.domain.stock import holds as baskets
from ticketing.forms import DetailsForm
from ticketing.models import Order
from ticketing.views import first_holds
from ticketing.views.buyer import basket_cookie, purchase_checks
from ticketing.views.buyer.purchase_checks import refuse_robots
from ticketing.views.decorators import private_response
from ticketing.views.responses import see_other, status_of_error


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
@refuse_robots
@rate_limited("checkout")
def show_checkout(request):
    """Whoever holds the basket's cookie. GET asks, POST orders."""
    basket = basket_cookie.find_basket(request)
    if basket is None and (unkept := first_holds.release_unkept(request)):
        return render(request, "ticketing/no_cookies.html", {"page": unkept, "url": absolute_page_url(unkept)})
    if request.method == "POST" and basket:
        return submit_details(request, basket)
    form = DetailsForm(initial=initial_details(basket) if basket else None)
    return render_checkout(request, basket, form, key=request.GET.get("pay", ""))


def absolute_page_url(event_page):
    """To be copied into another browser: the address of the site as it is set."""
    return f"{settings.SITE_URL}{event_page.get_url_parts()[2]}"


def initial_details(basket):
    return {"name": basket.buyer_name, "email": readable_email(basket.buyer_email)}


def render_checkout(request, basket, form, *, key="", error=None, status=200):
    """The form beside what it buys; without anything to buy, a way on."""
    contents = baskets.contents(basket, timezone.now())
    group = next((group for group in contents.groups if group.key == key), None) or next(iter(contents.groups), None)
    context = {"basket": basket, "contents": contents, "group": group, "form": form, "error": error}
    if group is None:
        context["last_order"] = find_last_order(basket)
        return render(request, "ticketing/checkout_empty.html", context, status=status)
    context["terms"] = LegalPage.current(LegalKind.TERMS)
    context["gst"] = gst.sum_basket_gst(group.lines, on=timezone.localdate())
    context["sellers"] = list_sellers(line.ticket_type.sale for line in group.lines)
    context["erase_on"] = erasure_date_of(group.lines)
    sales = {line.ticket_type.sale_id for line in group.lines}
    refused = error.reason if isinstance(error, NotProven) else None
    context["captcha"] = purchase_checks.build_order_challenge(request, basket, sales, refused=refused)
    context["others"] = [other for other in contents.groups if other is not group]
    return render(request, "ticketing/checkout.html", context, status=status)


def find_last_order(basket):
    """What this basket became, for whoever comes back to the form with the Back button."""
    return Order.objects.filter(basket_token=basket.token).order_by("-id").first() if basket else None


def submit_details(request, basket):
    form = DetailsForm(request.POST)
    key = request.POST.get("group", "")
    typed = {field: tidy_line(form.data.get(field, "")) for field in ("name", "email")}
    if not form.is_valid():
        baskets.save_buyer_details(basket, **typed)
        return render_checkout(request, basket, form, key=key, status=422)
    try:
        placed = check_and_place_order(request, basket, key, form.cleaned_data)
    except TicketingError as error:
        baskets.save_buyer_details(basket, **typed)
        return render_checkout(request, basket, form, key=key, error=error, status=status_of_error(error))
    left = list(basket.lines.values_list("expires_at", flat=True))
    if left:
        baskets.save_buyer_details(basket, **typed)  # the next order starts with what was typed for this one
    return basket_cookie.set_basket_cookie(
        redirect_to_payment(placed), request, basket, until=min(filter(None, left), default=None)
    )


def check_and_place_order(request, basket, key, details):
    purchase_checks.check_order_with_proof(request, basket, email=details["email"])
    terms = LegalPage.current(LegalKind.TERMS)
    return placement.place_order(
        basket,
        merchant_group_key=key,
        name=details["name"],
        email=details["email"],
        terms_version=terms.version if terms else "",
        ip=client_address(request),
        reads=partial(may_read_page, request),
    )


def redirect_to_payment(order):
    """To SumUp's page while the order is to be paid, else to its own page, which says what is the matter.

    Here and not in `place_order`: SumUp is asked after the order is committed, while no lock is held.
    """
    try:
        url = placement.prepare_payment_url(order)
    except NotStarted:
        url = ""
    return see_other(url or order)


def find_latest_payment(order):
    attempts = [] if order.is_free else payment_checks.list_payments_for(order.reference)
    return attempts[-1] if attempts else None
