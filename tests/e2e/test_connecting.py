"""An organiser connects their own SumUp account, sells for it, and the buyer's money goes there."""

import pytest
from playwright.sync_api import expect

from payments.models import MerchantAccount, Payment
from tests import factories

pytestmark = pytest.mark.browser


def connects(organiser, person):
    organiser.go("/payments/sumup/connect/")
    organiser.press("Continue to SumUp")
    organiser.page.get_by_label(person).check()
    organiser.press("Allow")


def test_an_organiser_connects_and_is_paid(shop, visit):
    shop.simulator.settings(redirect_uris=[f"{shop.url}/payments/sumup/connect/return/"])
    organiser, buyer = visit(), visit()
    organiser.signs_in()
    connects(organiser, "Ana")
    expect(organiser.page.get_by_text("Gorey Castle Players is connected and can be paid.")).to_be_visible()
    expect(organiser.page.get_by_text("Connected, checked just now")).to_be_visible()
    assert "code=" not in organiser.page.url

    players = MerchantAccount.objects.get(merchant_code="MDEMO002")
    kind = factories.make_type(factories.make_sale(merchant=players), price="12.00")
    buyer.hold(kind, tickets=1)
    buyer.check_out()
    buyer.sees_sumup("£12.00")
    buyer.pays()
    buyer.comes_back()
    buyer.sees_heading("You’re going to Sea Shanties!", within=40)
    payment = Payment.objects.get(subject=buyer.order.reference)
    assert shop.simulator.checkout(payment.reference)["merchant_code"] == "MDEMO002"
