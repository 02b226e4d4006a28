"""Template tags for event pages: the buy box, prices on cards, and offers for search engines."""

import json

from django import template
from django.http import Http404
from django.utils import timezone
from django.utils.safestring import mark_safe

from events_pages.public import structured_data
from events_pages.public.restrictions import may_read_page
from payments.money import round_money
from ticketing.buybox import BuyBox
from ticketing.domain.catalogue import offers, pricing
from ticketing.enums import OfferStatus
from ticketing.page_sales import PageSales

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


@register.inclusion_tag("ticketing/offer.html", takes_context=True)
def ticket_offer(context, page, shown):
    """The buy box of the date that is shown, or of the pass; never those of other dates."""
    return {"boxes": read_page_sales(context, page, shown).boxes, "page": page}


@register.inclusion_tag("ticketing/date_choice.html", takes_context=True)
def date_choice(context, page, shown):
    """The dates of the event, and passes, each with a link of its own; nothing where there is one to choose."""
    return {"sales": read_page_sales(context, page, shown)}


def read_page_sales(context, page, shown):
    """Once for all parts of one answer. 404 where a pass was asked for and there is none."""
    is_pass, request = bool(context.get("is_pass")), context.get("request")
    kept = getattr(request, "page_sales", None)
    if kept is None or (kept.page, kept.shown, kept.is_pass) != (page, shown, is_pass):
        kept = PageSales(page, shown, now=timezone.now(), is_pass=is_pass)
        if is_pass and not kept.passes:
            raise Http404
        if request is not None:
            request.page_sales = kept
    return kept


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


@register.simple_tag(takes_context=True)
def event_offer(context, page, shown):
    """None while the event has no date."""
    return read_page_sales(context, page, shown).offer


@register.simple_tag(takes_context=True)
def event_structured_data(context, page, shown):
    """schema.org's Event with its offers. Escaped so that no title can end the script."""
    sales, request = read_page_sales(context, page, shown), context.get("request")

    def list_offers(performance):
        found = sales.passes if performance is None else sales.list_of_date(performance)
        return [schema_offer(one, page, performance, request) for each in found for one in list_published_types(each)]

    data = structured_data.build_page_data(
        page, shown, request, list_offers=list_offers, is_series=bool(context.get("is_own_address"))
    )
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    script = f'<script type="application/ld+json">{text}</script>'
    return mark_safe(script) if data else ""  # noqa: S308 - nothing in it can end the script


def list_published_types(found):
    return [one for one in found.types if one.status in SCHEMA_AVAILABILITY]


def schema_offer(one, page, performance, request):
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
    if address := page.get_full_url(request):
        offer["url"] = offer_url(page, performance, address)
    return offer


def offer_url(page, performance, address):
    if performance is None:
        return f"{address}pass/"
    return address if len(page.schedule) == 1 else f"{address}dates/{performance.pk}/"
