"""The screen “Dates and tickets”: what it shows, to whom, at what cost, and what leads there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import nested_form_data, streamfield

from events_pages.dates.island_clock import to_island_clock
from events_pages.enums import Entry
from events_pages.models import EventPage
from tests import factories
from tests.stories import make_staff
from tests.ticketing.views.staff.dates.screen import SELLING, local, make_run, sign_in_editor, url
from ticketing.models import EventSale

pytestmark = pytest.mark.django_db


def test_it_shows_each_date_with_its_sale(client, page, ana):
    sale = factories.make_sale(page, capacity=80)
    factories.make_order(factories.make_type(sale, price="12.00"), quantity=3)
    text = client.get(url("list", page.pk)).content.decode()
    assert "Sat 5 July 2031, 19:30" in " ".join(text.split())
    assert "doors 19:00" in text
    assert "3 sold of 80" in text
    assert "£12" in text
    assert f'{page.get_url()}dates/{page.schedule.first.pk}/"' in text


def test_a_date_without_a_sale_offers_one(client, page, ana):
    text = client.get(url("list", page.pk)).content.decode()
    assert "No tickets here" in text
    assert url("sell", page.schedule.first.pk) in text


def test_what_is_held_is_told_apart_from_what_is_sold(client, page, ana):
    kind = factories.make_type(factories.make_sale(page, capacity=80))
    wish = factories.make_wish(kind, quantity=2)
    type(wish).objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    assert "0 sold of 80, 2 held" in " ".join(client.get(url("list", page.pk)).content.decode().split())


def test_what_is_over_is_behind_a_link(client, page, ana):
    factories.make_performance(page, starts_at=timezone.now() - timedelta(days=3), name="Opening night")
    text = client.get(url("list", page.pk)).content.decode()
    assert "1 date is over" in text
    assert "Opening night" not in text
    past = client.get(url("list", page.pk), {"past": 1}).content.decode()
    assert "Opening night" in past
    assert "1 date is to come" in past


def test_passes_stand_above_the_dates(client, page, ana):
    factories.make_type(factories.make_pass(page, name="Season ticket", capacity=40))
    text = client.get(url("list", page.pk)).content.decode()
    assert text.index("Season ticket") < text.index("Dates to come")
    assert "0 sold of 40" in text


def test_one_returns_to_the_row_that_one_came_from(client, page, ana):
    dates = make_run(page, 51)
    over = factories.make_performance(page, starts_at=timezone.now() - timedelta(days=3))
    places = [(dates[0], f"#date-{dates[0].pk}"), (dates[-1], f"?p=2#date-{dates[-1].pk}")]
    places += [(over, f"?past=1#date-{over.pk}")]
    for date, place in places:
        typed = {"starts_at": local(date.starts_at), "name": "Gala"}
        assert client.post(url("edit", date.pk), typed).url == url("list", page.pk) + place


def test_it_costs_the_same_for_one_and_for_sixty_dates(client, page, ana):
    factories.make_type(factories.make_sale(page))
    counts = []
    for more in (0, 5, 54):
        make_run(page, more)
        client.get(url("list", page.pk))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text = client.get(url("list", page.pk)).content.decode()
        counts.append(len(queries))
    assert text.count('name="date"') == 50
    assert counts[0] == counts[1] == counts[2]


# Whose it is


def every_address(page, sale):
    date = sale.performance
    names = [("list", page.pk), ("add", page.pk), ("pass", page.pk), ("several", page.pk)]
    names += [(name, date.pk) for name in ("edit", "copy", "delete", "sell")]
    return [url(*each) for each in names]


def test_nobody_else_sees_or_does_anything(client, page, home):
    sale = factories.make_sale(page)
    client.force_login(make_staff("ben", factories.make_event("Ben’s Fair"), *SELLING))
    for address in every_address(page, sale):
        for answer in (client.get(address, follow=True), client.post(address, follow=True)):
            assert answer.request["PATH_INFO"] == "/admin/", address
            assert "Sea Shanties" not in answer.content.decode(), address
    assert client.post(url("selling", sale.pk, "stop"), follow=True).request["PATH_INFO"] == "/admin/"
    sale.refresh_from_db()
    assert sale.is_active
    assert page.performances.count() == 1


def test_who_may_edit_but_not_sell_adds_dates_and_starts_no_sale(client, page):
    sale = factories.make_sale(page)
    sign_in_editor(client, page)
    other = factories.make_performance(page)
    assert client.get(url("list", page.pk)).status_code == 200
    for address in (url("pass", page.pk), url("sell", other.pk)):
        assert client.post(address, follow=True).request["PATH_INFO"] == "/admin/"
    assert client.post(url("selling", sale.pk, "stop"), follow=True).request["PATH_INFO"] == "/admin/"
    client.post(url("add", page.pk), {"starts_at": "6 July 2031 19:30", "with_tickets": "on"})
    assert page.performances.count() == 3
    assert EventSale.objects.count() == 1


def test_the_editor_and_the_list_of_pages_lead_there(admin_client, page):
    editor = reverse("wagtailadmin_pages:edit", args=[page.pk])
    for address in (editor, reverse("wagtailadmin_explore", args=[page.get_parent().pk])):
        assert url("list", page.pk) in admin_client.get(address).content.decode(), address


# A new event


def create_event(client, **values):
    start = to_island_clock(timezone.now() + timedelta(days=30))
    typed = {
        "title": "Harbour Songs",
        "slug": "harbour-songs",
        "summary": "An evening of songs.",
        "poster": factories.make_poster().pk,
        "poster_alt": "A boat",
        "starts_at": f"{start:%Y-%m-%d} 19:30",
        "venue": factories.make_venue().pk,
        "organiser": factories.make_organiser().pk,
        "refund_rule": "cancelled_only",
        "body": streamfield([]),
    }
    address = reverse("wagtailadmin_pages:add", args=["events_pages", "eventpage", factories.make_index().pk])
    return client.post(address, nested_form_data(typed | values), follow=True)


@pytest.mark.parametrize("how", [{}, {"action-publish": "yes"}])
def test_a_new_event_is_offered_tickets_once(admin_client, home, how):
    text = create_event(admin_client, **how).content.decode()
    made = EventPage.objects.get(slug="harbour-songs")
    assert text.count("Put tickets on sale") == 1
    assert url("list", made.pk) in text


def test_a_new_event_that_is_sold_elsewhere_is_offered_none(admin_client, home):
    text = create_event(admin_client, entry=Entry.ELSEWHERE, link="https://tickets.example.je/").content.decode()
    assert "Put tickets on sale" not in text


def test_the_form_of_a_published_event_says_its_dates_and_leads_to_them(admin_client, page):
    factories.make_performance(page)
    text = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "2 dates: Sat 5 July 2031, 19:30" in " ".join(text.split())
    assert "Jersey time." not in text
