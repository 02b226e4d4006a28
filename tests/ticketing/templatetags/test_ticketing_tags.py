"""What event pages show of ticketing."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from tests.factories import make_event, make_pass, make_performance, make_sale, make_type, show_on_card
from tests.ticketing.views.shop import hold
from ticketing.enums import OfferStatus
from ticketing.templatetags.ticketing_tags import event_cards

pytestmark = pytest.mark.django_db


def render(text, **context):
    context.setdefault("request", RequestFactory().get("/events/x/"))
    return Template("{% load ticketing_tags %}" + text).render(Context(context))


def offer_box(page, shown=None):
    return render("{% ticket_offer page shown %}", page=page, shown=shown or page.schedule.first)


def structured(page, **context):
    context.setdefault("shown", page.schedule.first)
    text = render("{% event_structured_data page shown %}", page=page, **context)
    assert text.startswith('<script type="application/ld+json">')
    return json.loads(text.removeprefix('<script type="application/ld+json">').removesuffix("</script>"))


def test_the_buy_box_shows_all_in_prices_and_labelled_steppers():
    sale = make_sale(fee_policy="pass_on", booking_fee="1.50", max_per_order=6)
    make_type(sale, price="12.00")
    box = offer_box(sale.page)
    for words in ("£13.50", "Add one Adult, £13.50", "Up to 6 tickets per order.", "Hold these tickets"):
        assert words in box


def test_the_buy_box_may_be_cached_for_everybody():
    box = offer_box(make_type().sale.page)
    assert "csrf" not in box
    assert "value" in box
    assert "Only" not in box


def test_reasons_are_given_where_a_type_is_closed():
    sale = make_sale()
    make_type(sale)
    make_type(sale, name="Early bird", closes_at=timezone.now() - timedelta(days=1))
    assert "Early bird ended" in offer_box(sale.page)


def test_a_sale_that_opens_later_says_when_and_has_no_button():
    sale = make_sale(opens_at=timezone.now() + timedelta(days=2))
    make_type(sale)
    box = offer_box(sale.page)
    assert box.count("On sale") == 1
    assert "£12" in box
    assert "Hold these tickets" not in box


def test_a_sold_out_sale_says_so(client):
    seat = make_type(make_sale(capacity=2))
    hold(client, seat, 2)
    box = offer_box(seat.sale.page)
    assert "Sold out" in box
    assert "look again later" in box
    assert "Hold these tickets" not in box


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "cancelled"}, "is called off"),
        ({"status": "postponed"}, "is postponed"),
        ({"entry": "elsewhere"}, "sold elsewhere"),
    ],
)
def test_an_event_that_does_not_sell_shows_no_prices(fields, words):
    box = offer_box(make_type(make_sale(make_event(**fields))).sale.page)
    assert words in box
    assert "£12" not in box


def test_sales_of_one_date_have_a_form_each_and_other_dates_none():
    page = make_event()
    for name in ("Stalls", "Balcony"):
        make_type(make_sale(page, name=name))
    make_type(make_sale(performance=make_performance(page, name="Matinee")))
    box = offer_box(page)
    assert box.count("<form") == 2
    assert box.count('id="tickets"') == 1
    assert "Stalls" in box
    assert "Balcony" in box
    assert "Matinee" not in box


def test_hidden_types_stay_hidden():
    sale = make_sale()
    make_type(sale)
    make_type(sale, name="Members only", access_code="GORSE")
    box = offer_box(sale.page)
    assert "Have a code?" in box
    assert "Members only" not in box
    assert "GORSE" not in box


def test_names_are_escaped():
    assert "<b>" not in offer_box(make_type(name="<b>Adult</b>").sale.page)


def test_a_chosen_sale_is_shown_and_a_deleted_one_is_not():
    sale = make_type().sale
    assert sale.page.title in render("{% ticket_offer_for sale %}", sale=sale)
    assert render("{% ticket_offer_for sale %}", sale=None).strip() == ""
    sale.page.unpublish()
    assert render("{% ticket_offer_for sale %}", sale=sale).strip() == ""


@pytest.mark.parametrize("events", [1, 3])
def test_cards_cost_the_same_for_any_number_of_events(events, django_assert_num_queries):
    pages = [make_type(make_sale(make_event(f"Event {number}"))).sale.page for number in range(events)]
    pages = [show_on_card(page) for page in pages]
    with django_assert_num_queries(2):
        text = render(
            "{% event_cards pages as cards %}{% for card in cards %}{{ card.offer.price_label }} {% endfor %}",
            pages=pages,
        )
    assert text == "£12 " * events


def test_structured_offers_are_true(client):
    sale = make_sale(capacity=20, opens_at=timezone.now() - timedelta(days=1))
    make_type(sale, price="12.50")
    make_type(sale, name="Members", price="1.00", access_code="GORSE")
    [offer] = structured(sale.page)["offers"]
    assert offer["price"] == "12.50"
    assert offer["priceCurrency"] == "GBP"
    assert offer["availability"] == "https://schema.org/InStock"
    assert offer["validFrom"] == sale.opens_at.isoformat()
    hold(client, sale.ticket_types.first(), 10)
    sale.refresh_from_db()
    assert structured(sale.page)["offers"][0]["availability"] == "https://schema.org/LimitedAvailability"


def test_structured_offers_belong_to_their_dates():
    page = make_event()
    make_type(make_sale(page), price="12.00")
    make_type(make_sale(performance=make_performance(page)), price="20.00")
    make_type(make_pass(page), price="30.00")
    told = structured(page, is_own_address=True)
    address = page.get_full_url()
    first, second = page.schedule
    assert told["@type"] == "EventSeries"
    assert [(offer["price"], offer["url"]) for offer in told["offers"]] == [("30.00", f"{address}pass/")]
    assert [[offer["price"] for offer in each["offers"]] for each in told["subEvent"]] == [["12.00"], ["20.00"]]
    told = structured(page, shown=second)
    assert told["@type"] == "Event"
    assert [(offer["price"], offer["url"]) for offer in told["offers"]] == [("20.00", f"{address}dates/{second.pk}/")]


def test_structured_data_of_a_cancelled_event_offers_nothing():
    assert "offers" not in structured(make_type(make_sale(make_event(status="cancelled"))).sale.page)


def test_a_title_cannot_end_the_script():
    page = make_type(make_sale(make_event("</script><script>alert(1)</script>&"))).sale.page
    text = render("{% event_structured_data page shown %}", page=page, shown=page.schedule.first)
    assert text.count("</script>") == 1
    assert structured(page)["name"] == "</script><script>alert(1)</script>&"


def test_a_free_event_says_free():
    page = make_type(price="0.00").sale.page
    [card] = _cards(page)
    assert (card.offer.price_label, card.offer.status, card.offer.price) == (
        "Free",
        OfferStatus.ON_SALE,
        Decimal("0.00"),
    )


def _cards(*pages):
    return event_cards([show_on_card(page) for page in pages])
