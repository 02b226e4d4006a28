"""A corrected e-mail address: for whom the tickets came back, or who told staff that it was mistyped."""

import logging
from datetime import timedelta

from django.db import transaction
from wagtail.log_actions import log

from ticketing.domain import deliveries
from ticketing.domain.errors import AddressStands, NoTickets, PersonErased
from ticketing.enums import DeliveryKind, DeliveryOutcome, OrderState
from ticketing.models import Order

logger = logging.getLogger(__name__)

LOG_ACTION = "ticketing.order.address"


def came_back(order):
    """Whether the last e-mail with the tickets could not be delivered."""
    return order.deliveries.filter(kind=DeliveryKind.TICKETS, outcome=DeliveryOutcome.BOUNCED).exists()


def correct(order, email, *, by=None):
    """The order's e-mail address from now on; the tickets go there at once.

    Whoever has the order's link may do so once for each e-mail that came back, staff (`by`) at any time. The audit says
    who did it and not which addresses: those are the person's and go when the person does. Raises `AddressStands`,
    `NoTickets`, `PersonErased`.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        if order.state != OrderState.COMPLETED:
            raise NoTickets
        if order.erased_at:
            raise PersonErased
        if by is None and not came_back(order):
            raise AddressStands
        Order.objects.filter(pk=order.pk).update(buyer_email=email)
        log(order, LOG_ACTION, user=by)
        deliveries.ask_again(order, DeliveryKind.TICKETS, pause=timedelta(0))
    logger.info("order.address order=%s by=%s", order.reference, by.pk if by else "-")
