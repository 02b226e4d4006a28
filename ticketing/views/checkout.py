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
from ticketing.domain import basket as baskets
from ticketing.domain import gst, orders
from ticketing.domain.endings import erase_on
from ticketing.domain.errors import NotProven, TicketingError
from ticketing.domain.sellers import sellers_of
from ticketing.forms import DetailsForm
from ticketing.models import Order
from ticketing.views import cookies, first_holds, gate
from ticketing.views.gate import for_people
from ticketing.views.guards import private
from ticketing.views.responses import see_other, status_of


@require_http_methods(["GET", "HEAD", "POST"])
@private
@for_people
@rate_limited("checkout")
def show(request):
    """Whoever holds the basket's cookie. GET asks, POST orders."""
    basket = cookies.basket_of(request)
    if basket is None and (unkept := first_holds.release_unkept(request)):
        return render(request, "ticketing/no_cookies.html", {"page": unkept, "url": address_of(unkept)})
    if request.method == "POST" and basket:
        return order(request, basket)
    form = DetailsForm(initial=typed_before(basket) if basket else None)
    return page(request, basket, form, key=request.GET.get("pay", ""))


def address_of(event_page):
    """To be copied into another browser: the address of the site as it is set."""
    return f"{settings.SITE_URL}{event_page.get_url_parts()[2]}"


def typed_before(basket):
    return {"name": basket.buyer_name, "email": readable_email(basket.buyer_email)}


def page(request, basket, form, *, key="", error=None, status=200):
    """The form beside what it buys; without anything to buy, a way on."""
    contents = baskets.contents(basket, timezone.now())
    group = next((group for group in contents.groups if group.key == key), None) or next(iter(contents.groups), None)
    context = {"basket": basket, "contents": contents, "group": group, "form": form, "error": error}
    if group is None:
        context["last_order"] = last_order(basket)
        return render(request, "ticketing/checkout_empty.html", context, status=status)
    context["terms"] = LegalPage.current(LegalKind.TERMS)
    context["gst"] = gst.in_basket(group.lines, on=timezone.localdate())
    context["sellers"] = sellers_of(line.ticket_type.sale for line in group.lines)
    context["erase_on"] = erase_on(group.lines)
    sales = {line.ticket_type.sale_id for line in group.lines}
    refused = error.reason if isinstance(error, NotProven) else None
    context["captcha"] = gate.ask_for_order(request, basket, sales, refused=refused)
    context["others"] = [other for other in contents.groups if other is not group]
    return render(request, "ticketing/checkout.html", context, status=status)


def last_order(basket):
    """What this basket became, for whoever comes back to the form with the Back button."""
    return Order.objects.filter(basket_token=basket.token).order_by("-id").first() if basket else None


def order(request, basket):
    form = DetailsForm(request.POST)
    key = request.POST.get("group", "")
    typed = {field: tidy_line(form.data.get(field, "")) for field in ("name", "email")}
    if not form.is_valid():
        baskets.remember(basket, **typed)
        return page(request, basket, form, key=key, status=422)
    try:
        placed = place(request, basket, key, form.cleaned_data)
    except TicketingError as error:
        baskets.remember(basket, **typed)
        return page(request, basket, form, key=key, error=error, status=status_of(error))
    left = list(basket.lines.values_list("expires_at", flat=True))
    if left:
        baskets.remember(basket, **typed)  # the next order starts with what was typed for this one
    return cookies.remember(go_on(placed), request, basket, until=min(filter(None, left), default=None))


def place(request, basket, key, details):
    gate.admit_order(request, basket, email=details["email"])
    terms = LegalPage.current(LegalKind.TERMS)
    return orders.place_order(
        basket,
        merchant_group_key=key,
        name=details["name"],
        email=details["email"],
        terms_version=terms.version if terms else "",
        ip=client_address(request),
        reads=partial(may_read_page, request),
    )


def go_on(order):
    """To SumUp's page while the order is to be paid, else to its own page, which says what is the matter.

    Here and not in `place_order`: SumUp is asked after the order is committed, while no lock is held.
    """
    try:
        url = orders.pay_url(order)
    except NotStarted:
        url = ""
    return see_other(url or order)


def latest_payment(order):
    attempts = [] if order.is_free else payment_checks.list_payments_for(order.reference)
    return attempts[-1] if attempts else None
