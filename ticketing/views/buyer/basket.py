"""The basket: what is held, until when, and changing it."""

import re

from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from protection.visitors import maintenance
from protection.visitors.rate_limits import rate_limited
from ticketing.buybox import NUMBER, BuyBox, NotANumber
from ticketing.domain.errors import NotProven, TicketingError
from ticketing.domain.stock import basket_contents, basket_dates
from ticketing.domain.stock import holds as baskets
from ticketing.views.buyer import basket_cookie, holds, purchase_checks
from ticketing.views.responses import private_response, see_other, status_of_error

LINE_ID = re.compile(r"\d{1,18}", re.ASCII)


class LineGone(TicketingError):
    """Removed or ordered meanwhile, or never in this basket."""

    default = _("This line is no longer in your basket.")


def render_basket_again(request, basket, error):
    return render_basket(request, basket, basket_contents.read_basket(basket, timezone.now()), error)


def render_basket(request, basket, contents, error=None):
    paused = maintenance.current_sentence()
    context = {"basket": basket, "contents": contents, "error": error, "paused": paused}
    if contents:
        basket_dates.attach_dates(basket, contents.lines, timezone.now())
        context["news"] = basket_dates.list_news(contents.lines)
    context["may_check_out"] = bool(contents) and not contents.expired and not paused
    return render(request, "ticketing/basket.html", context, status=status_of_error(error) if error else 200)


def apply_basket_change(request, change, *, then="ticketing:basket"):
    """Changes the visitor's own basket and sets its cookies. A refusal is shown on the basket's page."""
    basket = basket_cookie.find_visitor_basket(request)
    if basket is None:
        return see_other("ticketing:basket")
    try:
        purchase_checks.run_hold_with_proof(request, basket, lambda visitor: change(basket, visitor))
    except NotProven as error:
        return ask_proof_for_change(request, basket, error)
    except TicketingError as error:
        return render_basket_again(request, basket, error)
    until = basket_contents.read_basket(basket, timezone.now()).expires_at
    return basket_cookie.set_basket_cookie(see_other(then), request, basket, until=until)


def ask_proof_for_change(request, basket, error):
    lines = basket_contents.list_basket_lines(basket)
    changed = request.POST.get("line")
    line = next((line for line in lines if str(line.pk) == changed), lines[0])
    box = BuyBox(holds.get_sale_or_404(request, line.ticket_type.sale_id), now=timezone.now()).fill_from(lines)
    box.typed[line.ticket_type_id] = request.POST.get("quantity", "").strip() or str(line.quantity)
    return holds.ask_proof_for_hold(request, box, basket, error)


@require_safe
@private_response
def show_basket(request):
    """Whoever holds the basket's cookie; an empty basket for everybody else."""
    basket, lines = basket_cookie.find_visitor_basket_and_lines(request)
    return render_basket(request, basket, basket_contents.read_lines(basket, lines, timezone.now()) if basket else None)


@require_safe
@private_response
def show_basket_status(request):
    """Whoever holds the basket's cookie: how many tickets are held, for the header."""
    _basket, lines = basket_cookie.find_visitor_basket_and_lines(request)
    return JsonResponse({"count": sum(line.quantity for line in lines)})


@require_POST
@private_response
@rate_limited("basket")
def change_basket(request):
    """Whoever holds the basket's cookie. Sets the number of one line, or removes it."""
    return apply_basket_change(request, lambda basket, visitor: apply_line_change(request, basket, visitor))


@require_POST
@private_response
@rate_limited("basket")
def extend_basket(request):
    """Whoever holds the basket's cookie. Three times at most."""
    then = "ticketing:checkout" if "checkout" in request.POST else "ticketing:basket"
    return apply_basket_change(
        request, lambda basket, visitor: baskets.extend_holds(basket, visitor=visitor), then=then
    )


@require_POST
@private_response
@rate_limited("basket")
def release_basket(request):
    """Whoever holds the basket's cookie."""
    return apply_basket_change(request, lambda basket, visitor: baskets.empty_basket(basket))


@require_POST
@private_response
@rate_limited("basket")
def rehold_basket(request):
    """Whoever holds the basket's cookie. The same seats again after the hold ended, if they are still free."""
    return apply_basket_change(
        request, lambda basket, visitor: baskets.renew_ended_holds(basket, visitor=visitor), then="ticketing:checkout"
    )


def apply_line_change(request, basket, visitor):
    data = request.POST
    line = find_basket_line(basket, data.get("line", ""))
    if "remove" in data:
        baskets.remove_line(line)
        return
    typed = data.get("quantity", "").strip()
    if not NUMBER.fullmatch(typed):
        raise NotANumber
    kind = line.ticket_type
    wanted = {"sale": kind.sale, "quantities": {kind.pk: int(typed)}, "code": kind.access_code}
    baskets.hold_seats(basket, visitor=visitor, **wanted)


def find_basket_line(basket, line_id):
    lines = basket.lines.select_related("basket", "ticket_type__sale")
    line = lines.filter(pk=line_id).first() if LINE_ID.fullmatch(line_id) else None
    if line is None:
        raise LineGone
    return line
