"""A corrected e-mail address: for whom the tickets came back, or who told staff that it was mistyped."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from common.text.email_addresses import fold_email
from ticketing.domain.admission.order_search import write_search_words
from ticketing.domain.errors import AddressStands, NoTickets, PersonErased, TryLater
from ticketing.domain.messages import outbox
from ticketing.enums import DeliveryKind, DeliveryOutcome, OrderState
from ticketing.models import Order
from ticketing.models.baskets import new_link_token

logger = logging.getLogger(__name__)

LOG_ACTION = "ticketing.order.address"


def has_bounced_tickets(order):
    """Whether the last e-mail with the tickets could not be delivered."""
    return order.deliveries.filter(kind=DeliveryKind.TICKETS, outcome=DeliveryOutcome.BOUNCED).exists()


def correct_address(order, email, *, by=None, reason=""):
    """The order's e-mail address from now on; the tickets go there at once. Returns the order with its new link.

    The former address hears of it, and the links that were sent there no longer open the order: whoever changes an
    address that is not theirs is noticed, and whoever read a mistyped one's mail keeps nothing.

    Whoever has the order's link may do so once for each e-mail that came back, staff (`by`) at any time. The audit says
    who did it and why, and not which addresses: those are the person's and go when the person does. Raises
    `AddressStands`, `NoTickets`, `PersonErased`, and `TryLater` while the address before has not been told yet.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        if order.state != OrderState.COMPLETED:
            raise NoTickets
        if order.erased_at:
            raise PersonErased
        if by is None and not has_bounced_tickets(order):
            raise AddressStands
        if _has_notice_pending(order):
            raise TryLater(
                _("The address before is still being told of the last change. Please try again in a minute.")
            )
        former, order.buyer_email, order.token = order.buyer_email, email, new_link_token()
        order.save(update_fields=["buyer_email", "token"])
        write_search_words(order.lines.all())
        log(order, LOG_ACTION, user=by, data={"reason": reason})
        outbox.owe_delivery_again(order, DeliveryKind.TICKETS, pause=timedelta(0))
        if fold_email(former) != fold_email(email):
            outbox.owe_delivery_again(order, DeliveryKind.ADDRESS_CHANGED, pause=timedelta(0), recipient=former)
    logger.info("order.address order=%s by=%s", order.reference, by.pk if by else "-")
    return order


def _has_notice_pending(order):
    """Its one row for that kind of mail still holds another address, which must not be forgotten."""
    return order.deliveries.filter(kind=DeliveryKind.ADDRESS_CHANGED, next_attempt_at__isnull=False).exists()
