"""The demo's buyers, who order as everybody does; `take_free_tickets` gives free tickets away."""

from django.utils import timezone

from events_pages.enums import LegalKind
from events_pages.models import LegalPage
from ticketing.domain.orders import placement
from ticketing.domain.stock import basket_contents, holds
from ticketing.models import Delivery

NAMES = ("Maëlle Le Brocq", "João Ferreira", "Zofia Łukasiewicz", "Tom Renouf", "Anjali Shah", "Beth de Gruchy")
ELSEWHERE = "192.0.2.1"
"""Nobody's (RFC 5737): what these people have counts against no visitor of the demo."""


def take_free_tickets(sale, quantity):
    """Orders of six until that many are gone. Their mail counts as sent: these people have no mailbox."""
    if not quantity:
        return
    ticket_type = sale.ticket_types.get(price=0)
    for number, first in enumerate(range(0, quantity, 6)):
        name, email = NAMES[number % len(NAMES)], f"buyer{number + 1}@jerseyevents.example"
        order = place_demo_order(ticket_type, min(6, quantity - first), name=name, email=email)
        Delivery.objects.filter(order=order).update(sent_at=timezone.now(), next_attempt_at=None)


def place_demo_order(ticket_type, quantity, *, name, email):
    """One order, placed as every order is."""
    basket = holds.create_basket()
    holds.hold_seats(basket, sale=ticket_type.sale, quantities={ticket_type.pk: quantity})
    return placement.place_order(
        basket,
        merchant_group_key=basket_contents.merchant_group_key(ticket_type.sale),
        name=name,
        email=email,
        terms_version=LegalPage.current(LegalKind.TERMS).version,
        ip=ELSEWHERE,
    )
