"""What event pages borrow from ticketing: the buy box, price labels on cards and offers for search engines."""

from typing import NamedTuple

from django import template
from django.utils.safestring import mark_safe

from ticketing.enums import OfferStatus

register = template.Library()


class Offer(NamedTuple):
    price_label: str
    status: str
    status_label: str
    price: object


@register.simple_tag
def ticket_offer(page):
    return ""


@register.simple_tag
def ticket_offer_for(sale):
    return ""


@register.simple_tag
def event_cards(events):
    """The same events, each with its `offer`."""
    events = list(events)
    for event in events:
        event.offer = Offer("", OfferStatus.NO_TICKETS, OfferStatus.NO_TICKETS.label, None)
    return events


@register.simple_tag
def event_structured_data(page):
    return mark_safe("")
