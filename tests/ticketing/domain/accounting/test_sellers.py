"""Who sells: said before the contract, repeated in the mail."""

import pytest

from events_pages.models import Organiser, SiteSettings
from tests import factories
from tests.ticketing.views.shop import buy, hold
from ticketing import mail
from ticketing.domain.accounting.sellers import list_sellers

pytestmark = pytest.mark.django_db


def make_sale(title="Sea Shanties", organiser=None, rule="cancelled_only"):
    organiser = organiser or factories.make_organiser()
    return factories.make_sale(factories.make_event(title, organiser=organiser, refund_rule=rule))


@pytest.fixture
def friends():
    address = "1 Gloucester Street\nSt Helier"
    return Organiser.objects.create(name="Opera Friends", address=address, email="box@friends.example")


def test_each_organiser_is_named_once(friends):
    first, second, own = make_sale("One", friends), make_sale("Two", friends, "day_before"), make_sale("Three")
    found = list_sellers([first, second, first, own])
    assert [(seller.organiser, [page.title for page in seller.pages]) for seller in found] == [
        (friends, ["One", "Two"]),
        (own.page.organiser, ["Three"]),
    ]
    assert [[page.title for page in pages] for _, pages in found[0].rules] == [["One"], ["Two"]]


def test_buyers_know_it_before_they_pay_and_have_it_in_writing(client, friends):
    factories.make_legal_page()
    kind = factories.make_type(make_sale(organiser=friends, rule="week_before"), price="0.00")
    hold(client, kind)
    page = client.get("/tickets/checkout/").text
    order = buy(client, kind)
    kept, message = client.get(order.get_absolute_url()).text, mail.build_tickets_mail(order)
    for text in (page, kept, message.alternatives[0][0]):
        assert "1 Gloucester Street<br>St Helier" in text
    for text in (page, kept, message.body, message.alternatives[0][0]):
        assert "Opera Friends" in text
        assert "Refunds until seven days before the start." in text
        assert "Questions and complaints:" in text
        assert "box@friends.example" in text
    assert "/legal/terms/2026-01/" in message.body


def test_the_site_answers_for_an_organiser_without_an_address(client):
    home = factories.make_home()
    own = SiteSettings.for_site(home.get_site())
    own.contact_email = "hello@jerseyevents.example"
    own.save()
    kind = factories.make_type(make_sale(), price="0.00")
    hold(client, kind)
    assert "hello@jerseyevents.example" in client.get("/tickets/checkout/").text
    assert "hello@jerseyevents.example" in mail.build_tickets_mail(buy(client, kind)).body
