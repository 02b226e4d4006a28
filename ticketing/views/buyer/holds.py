"""Holding seats: the buy box's form, and the buy box on a page of its own."""

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
from ticketing.domain.abuse import abandonment
from ticketing.domain.catalogue import pricing
from ticketing.domain.errors import NotProven, TicketingError
from ticketing.domain.stock import basket_contents, holds
from ticketing.models import EventSale
from ticketing.views.buyer import basket_cookie, purchase_checks
from ticketing.views.buyer.invitation import accept_invitation, explain_invitation_refusal, is_visitor_invited
from ticketing.views.buyer.purchase_checks import refuse_robots
from ticketing.views.responses import private_response, refuse_other_sites, see_other, status_of_error


def get_sale_or_404(request, sale_id):
    """A sale of a page that this visitor may read."""
    sales = EventSale.objects.select_related("page__venue", "performance__venue").prefetch_related("ticket_types")
    sales = pricing.with_merchant_status(sales).annotate(is_restricted=restriction_exists("page__path"))
    sale = sales.filter(pk=sale_id, page__live=True).first()
    if sale is None or (sale.is_restricted and not may_read_page(request, sale.page)):
        raise Http404
    return sale


def render_buy_box(request, box, error=None, captcha=None):
    status = status_of_error(error) if error else 200
    box.asks_invitation = not is_visitor_invited(request)
    return render(request, "ticketing/sale.html", {"box": box, "error": error, "captcha": captcha}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@refuse_other_sites
@private_response
@rate_limited("basket")
@accept_invitation
def show_sale(request, sale_id):
    """Anyone. Never cached: shows what the visitor's basket holds, and by POST the ticket types behind a code."""
    box = BuyBox(get_sale_or_404(request, sale_id), now=timezone.now())
    if request.method == "POST":
        box.fill(request.POST)
    elif basket := basket_cookie.find_visitor_basket(request):
        box.fill_from(basket_contents.list_basket_lines(basket))
    return render_buy_box(request, box)


@require_POST
@refuse_other_sites
@private_response
@refuse_robots
@rate_limited("basket")
@accept_invitation
def hold_tickets(request, sale_id):
    """Anyone, from our own pages. Sets how many of each type the visitor's basket holds."""
    box = BuyBox(SimpleLazyObject(lambda: get_sale_or_404(request, sale_id)), now=timezone.now())
    box.fill(request.POST)
    if box.is_code_to_show:
        return render_buy_box(request, box)
    known = basket = basket_cookie.find_visitor_basket(request)
    try:
        basket, until = hold_chosen_tickets(request, basket, sale_id, box)
    except NotProven as error:
        return ask_proof_for_hold(request, box, basket, error)
    except TicketingError as error:
        return render_buy_box(request, box, explain_invitation_refusal(request, error))
    return basket_cookie.set_basket_cookie(see_other(page_after_hold(box, basket, known)), request, basket, until=until)


def page_after_hold(box, basket, known):
    if not any(box.quantities().values()):
        return "ticketing:basket"
    return "ticketing:checkout" if known else basket_cookie.checkout_url_with_key(basket)


def ask_proof_for_hold(request, box, basket, error):
    box.hold_minutes = abandonment.hold_minutes_at_step(purchase_checks.build_visitor(request, basket).step)
    return render_buy_box(request, box, error, captcha=purchase_checks.build_hold_challenge(request, basket, error))


def hold_chosen_tickets(request, basket, sale_id, box):
    """Returns the basket, made by the first hold, and the end of its hold. The sale is not read here: the domain reads
    it under its lock, and twice would double the statements of the busiest form."""
    quantities = box.quantities()
    if basket is None and not any(quantities.values()):
        raise NothingChosen

    def take(visitor):
        wanted = {"sale": EventSale(pk=sale_id), "quantities": quantities, "code": box.code}
        return holds.hold_seats(basket, visitor=visitor, **wanted), holds.next_hold_end(timezone.now(), visitor)

    return purchase_checks.run_hold_with_proof(request, basket, take)


@require_safe
@never_cache
def show_live_stock(request, sale_id):
    """Anyone. What is left now, the same for everybody; sets no cookie."""
    box = BuyBox(get_sale_or_404(request, sale_id), now=timezone.now())
    rows = {
        row.ticket_type.pk: {"left": row.left_text, "most": row.room, "closed": not row.can_buy} for row in box.rows
    }
    paused = maintenance.current_sentence()
    return JsonResponse({"rows": rows} | ({"paused": paused} if paused else {}))
