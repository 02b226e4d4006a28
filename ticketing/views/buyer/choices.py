"""The answer of somebody whose date was postponed or moved: the money back. Keeping the tickets needs no answer."""

from django.views.decorators.http import require_POST

from protection.visitors.rate_limits import rate_limited
from ticketing.domain.changes import choices
from ticketing.views.buyer.orders import change_order
from ticketing.views.responses import for_order_holder


def ask_refund(order, key):
    choices.choose_refund(order, choices.find_choice(order, key))


@require_POST
@rate_limited("order")
@for_order_holder
def choose_order_refund(request, order):
    """Whoever has the order's link, until the last day. `choice` says of which date."""
    key = request.POST.get("choice", "")
    return change_order(request, order, lambda order: ask_refund(order, key))
