"""What an event page says beside its title, and the bar that keeps the offer at hand on a phone."""

import pytest

from events_pages.enums import PerformanceStatus
from tests import factories
from ticketing.enums import OfferStatus
from ticketing.templatetags.ticketing_tags import event_offer

pytestmark = pytest.mark.django_db


def test_event_offer_says_the_lowest_price_and_the_status():
    sale = factories.make_sale()
    factories.make_type(sale, name="Adult", price="12.00")
    factories.make_type(sale, name="Under 16", price="6.50")
    offer = event_offer({}, sale.page, sale.page.schedule.first)
    assert (offer.price_label, offer.status) == ("From £6.50", OfferStatus.ON_SALE)


def test_event_offer_is_that_of_the_date_shown():
    page = factories.make_event()
    factories.make_type(factories.make_sale(page), price="12.00")
    evening = factories.make_performance(page)
    factories.make_type(factories.make_sale(performance=evening, capacity=4), price="20.00")
    offer = event_offer({}, page, evening)
    assert (offer.price_label, offer.status) == ("£20", OfferStatus.LAST_FEW)


def test_event_offer_is_silent_while_the_event_has_no_date():
    assert event_offer({}, factories.make_event(starts_at=False), None) is None


def test_event_page_keeps_the_offer_at_hand(client):
    page = factories.make_type(price="12.00").sale.page
    shown = client.get(page.url).content.decode()
    assert 'class="buybar' in shown
    assert 'href="#tickets"' in shown
    assert 'id="tickets"' in shown


def test_cancelled_event_offers_nothing_to_choose(client):
    page = factories.make_event(status=PerformanceStatus.CANCELLED)
    factories.make_type(factories.make_sale(page), price="12.00")
    shown = client.get(page.url).content.decode()
    assert 'class="buybar' not in shown
    assert "chip--cancelled" in shown
