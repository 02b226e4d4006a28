"""Template tags for event pages: the buy box, prices on cards, and offers for search engines."""

import json

from django import template
from django.utils import timezone
from django.utils.safestring import mark_safe

from events_pages.public.restrictions import may_read_page
from payments.money import round_money
from ticketing.buybox import BuyBox, build_buy_boxes
from ticketing.domain.catalogue import availability, offers, pricing
from ticketing.enums import OfferStatus

register = template.Library()
register.filter("price", pricing.format_price)

SCHEMA_AVAILABILITY = {
    OfferStatus.ON_SALE: "https://schema.org/InStock",
    OfferStatus.LAST_FEW: "https://schema.org/LimitedAvailability",
    OfferStatus.OPENS_SOON: "https://schema.org/PreOrder",
    OfferStatus.SOLD_OUT: "https://schema.org/SoldOut",
}
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@register.filter
def plain(price):
    return str(round_money(price))


@register.inclusion_tag("ticketing/offer.html")
def ticket_offer(page, shown):
    """The buy boxes of the date that is shown, and of passes. The page is cached for everybody, so nothing in it
    depends on the visitor."""
    sales = [sale for sale in availability.list_sales_of_page(page) if sale.is_pass or sale.performance == shown]
    return {"boxes": build_buy_boxes(sales, timezone.now()), "page": page}


@register.inclusion_tag("ticketing/offer.html", takes_context=True)
def ticket_offer_for(context, sale):
    """The buy box of one sale on any page; empty when the sale or its page is gone or not for this visitor. On a cached
    page it shows what everybody may see: whoever passed a restriction has a session."""
    if sale is None or not sale.page.live or not is_shown(context, sale.page):
        return {"boxes": []}
    box = BuyBox(sale, now=timezone.now(), anchor=f"tickets-{sale.pk}", heading=sale.page.title)
    return {"boxes": [box], "page": sale.page}


def is_shown(context, page):
    """A sale on its own page is shown with it, in a preview too."""
    request, host = context.get("request"), context.get("page")
    is_own = getattr(host, "pk", None) == page.pk
    return is_own or (request is not None and may_read_page(request, page))


@register.simple_tag
def event_cards(events):
    """The same events, each with its `offer`, in the same few queries for any number."""
    events = list(events)
    found = offers.list_offers_of_pages(events, timezone.now())
    for event in events:
        event.offer = found.get(event.pk)
    return events


@register.simple_tag
def event_offer(page, shown):
    """None while the event has no date."""
    if shown is None:
        return None
    now = timezone.now()
    sales = [availability.build_sale_availability(sale, now) for sale in availability.list_sales_of_page(page)]
    return offers.build_offer(page, shown, sales, now)


@register.simple_tag(takes_context=True)
def event_structured_data(context, page, shown):
    """schema.org's Event with its offers. Escaped so that no title can end the script."""
    now = timezone.now()
    data = page.structured_data(context.get("request"), shown)
    sold = [
        schema_offer(one, page, data)
        for sale in availability.list_sales_of_page(page)
        for one in list_published_types(sale, now)
    ]
    if sold:
        data["offers"] = sold
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - nothing in it can end the script


def list_published_types(sale, now):
    return [one for one in availability.build_sale_availability(sale, now).types if one.status in SCHEMA_AVAILABILITY]


def schema_offer(one, page, data):
    sale = one.ticket_type.sale
    opens = [moment for moment in (sale.opens_at, one.ticket_type.opens_at) if moment]
    offer = {
        "@type": "Offer",
        "name": one.ticket_type.name,
        "price": plain(one.price),
        "priceCurrency": "GBP",
        "availability": SCHEMA_AVAILABILITY[one.status],
    }
    if opens or page.first_published_at:
        offer["validFrom"] = max(opens, default=page.first_published_at).isoformat()
    if data.get("url"):
        offer["url"] = data["url"]
    return offer
