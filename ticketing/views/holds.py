"""Choosing tickets: the buy box's form, and the buy box itself on a page of its own."""

from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events_pages.public.restrictions import may_read_page, restriction_exists
from protection.visitors import maintenance
from protection.visitors.rate_limits import rate_limited
from ticketing.buybox import BuyBox, NothingChosen
from ticketing.domain import basket as baskets
from ticketing.domain import lapses, pricing
from ticketing.domain.errors import NotProven, TicketingError
from ticketing.models import EventSale
from ticketing.views import cookies, first_holds, gate
from ticketing.views.gate import for_people
from ticketing.views.guards import private, same_site
from ticketing.views.invited import explain_refusal, is_invited, takes_invitation
from ticketing.views.responses import see_other, status_of


def sale_or_404(request, sale_id):
    """A sale of a page that this visitor may read."""
    sales = pricing.with_payee(EventSale.objects.select_related("page__venue")).prefetch_related("ticket_types")
    sales = sales.annotate(is_restricted=restriction_exists("page__path"))
    sale = sales.filter(pk=sale_id, page__live=True).first()
    if sale is None or (sale.is_restricted and not may_read_page(request, sale.page)):
        raise Http404
    return sale


def show_box(request, box, error=None, captcha=None):
    status = status_of(error) if error else 200
    box.asks_invitation = not is_invited(request)
    return render(request, "ticketing/sale.html", {"box": box, "error": error, "captcha": captcha}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@same_site
@private
@rate_limited("basket")
@takes_invitation
def sale(request, sale_id):
    """Anyone. Never cached: shows what the visitor's basket holds, and by POST the tickets behind a code."""
    box = BuyBox(sale_or_404(request, sale_id), now=timezone.now())
    if request.method == "POST":
        box.fill(request.POST)
    elif basket := cookies.basket_of(request):
        box.fill_from(baskets.lines_of(basket))
    return show_box(request, box)


@require_POST
@same_site
@private
@for_people
@rate_limited("basket")
@takes_invitation
def hold(request, sale_id):
    """Anyone, from our own pages. Sets how many of each type the visitor's basket holds."""
    box = BuyBox(SimpleLazyObject(lambda: sale_or_404(request, sale_id)), now=timezone.now())
    box.fill(request.POST)
    if box.is_code_to_show:
        return show_box(request, box)
    known = basket = cookies.basket_of(request)
    try:
        basket, until = hold_chosen(request, basket, sale_id, box)
    except NotProven as error:
        return ask_for_person(request, box, basket, error)
    except TicketingError as error:
        return show_box(request, box, explain_refusal(request, error))
    return cookies.remember(see_other(after_hold(box, basket, known)), request, basket, until=until)


def after_hold(box, basket, known):
    if not any(box.quantities().values()):
        return "ticketing:basket"
    return "ticketing:checkout" if known else first_holds.checkout_after_first(basket)


def ask_for_person(request, box, basket, error):
    """The box again with what was typed, a captcha, and how long the seats would be held."""
    box.hold_minutes = lapses.hold_minutes(gate.visitor_of(request, basket).step)
    return show_box(request, box, error, captcha=gate.ask_for_hold(request, basket, error))


def hold_chosen(request, basket, sale_id, box):
    """Holds what the box says; without a basket the first hold makes one. The domain reads the sale afresh, under its
    lock: reading it here too, only to throw it away, would double the statements of the hottest form.

    Returns the basket and the end of its hold."""
    quantities = box.quantities()
    if basket is None and not any(quantities.values()):
        raise NothingChosen

    def take(visitor):
        wanted = {"sale": EventSale(pk=sale_id), "quantities": quantities, "code": box.code}
        return baskets.hold(basket, visitor=visitor, **wanted), baskets.held_until(timezone.now(), visitor)

    return gate.admit(request, basket, take)


@require_safe
@never_cache
def live(request, sale_id):
    """Anyone. What is left this second; knows nobody and sets nothing."""
    box = BuyBox(sale_or_404(request, sale_id), now=timezone.now())
    rows = {
        row.ticket_type.pk: {"left": row.left_text, "most": row.room, "closed": not row.can_buy} for row in box.rows
    }
    paused = maintenance.current_sentence()
    return JsonResponse({"rows": rows} | ({"paused": paused} if paused else {}))
