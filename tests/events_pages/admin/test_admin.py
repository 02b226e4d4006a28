"""What an organiser sees in Wagtail: forms that open, drafts that save, refusals in words."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, streamfield

from events_pages.enums import Parish
from events_pages.models import (
    EventIndexPage,
    EventPage,
    HomePage,
    LegalPage,
    Organiser,
    Performance,
    SiteSettings,
    StandardPage,
    Venue,
)
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(User.objects.create_superuser("admin", "", "admin"))
    return client


def form(**values):
    start = timezone.localtime(timezone.now() + timedelta(days=30))
    defaults = {
        "title": "Sea Shanties",
        "slug": "sea-shanties",
        "summary": "An evening of songs.",
        "poster": factories.make_poster().pk,
        "poster_alt": "A boat",
        "starts_at": f"{start:%Y-%m-%d} 19:30",
        "ends_at": "",
        "doors_at": "",
        "venue": factories.make_venue().pk,
        "organiser": factories.make_organiser().pk,
        "refund_rule": "cancelled_only",
        "body": streamfield([]),
    }
    return nested_form_data(defaults | values)


def add_url(index):
    return reverse("wagtailadmin_pages:add", args=["events_pages", "eventpage", index.pk])


def test_editor_of_every_page_opens(admin, home):
    for page in (factories.make_event(), home, factories.make_index(), factories.make_legal_page()):
        assert admin.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200


def test_publishing_an_event_puts_it_on_the_site(admin, home):
    index = factories.make_index()

    response = admin.post(add_url(index), form(**{"action-publish": "yes"}))

    assert response.status_code == 302
    assert EventPage.objects.get(slug="sea-shanties").live
    admin.logout()
    assert "Sea Shanties" in admin.get("/events/").content.decode()


def test_draft_needs_little_more_than_a_title(admin, home):
    index = factories.make_index()

    admin.post(add_url(index), form(summary="", poster="", poster_alt="", starts_at="", venue="", organiser=""))

    assert EventPage.objects.get(slug="sea-shanties").live is False


def test_publishing_without_words_for_the_poster_is_refused(admin, home):
    index = factories.make_index()

    response = admin.post(add_url(index), form(poster_alt="", **{"action-publish": "yes"}))

    assert response.status_code == 200
    assert not EventPage.objects.exists()


def test_draft_is_previewed_without_any_field(admin, home):
    index = factories.make_index()
    admin.post(add_url(index), form(poster="", starts_at="", venue="", organiser=""))
    page = EventPage.objects.get()

    response = admin.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))

    assert "Sea Shanties" in response.content.decode()


def test_pages_live_where_they_belong():
    assert EventIndexPage.allowed_subpage_models() == [EventPage]
    assert EventPage.allowed_subpage_models() == []
    assert EventPage.allowed_parent_page_models() == [EventIndexPage]
    assert set(HomePage.allowed_subpage_models()) == {EventIndexPage, StandardPage, LegalPage}
    assert HomePage.allowed_parent_page_models() == [Page]


@pytest.mark.parametrize("postcode", ["JE2 3QR", "JE4 9WG", ""])
def test_venue_takes_jersey_postcodes(postcode):
    Venue(name="Barn", parish=Parish.ST_MARY, postcode=postcode).full_clean()


@pytest.mark.parametrize("postcode", ["GY1 1AA", "JE6 1AA", "je2 3qr", "JE23QR", "JE2 3QR\n"])
def test_venue_refuses_other_postcodes(postcode):
    with pytest.raises(ValidationError):
        Venue(name="Barn", parish=Parish.ST_MARY, postcode=postcode).full_clean()


def test_lists_of_venues_organisers_and_categories_open(admin, home):
    factories.make_venue()
    for name in ("venue", "organiser", "eventcategory"):
        assert admin.get(reverse(f"wagtailsnippets_events_pages_{name}:list")).status_code == 200
        assert admin.get(reverse(f"wagtailsnippets_events_pages_{name}:add")).status_code == 200


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("gst_from", {"gst_number": "1234567"}),
        ("gst_number", {"gst_from": date(2026, 1, 1)}),
        ("gst_number", {"gst_until": date(2026, 1, 1), "gst_number": "  "}),
        ("gst_until", {"gst_number": "1", "gst_from": date(2026, 1, 2), "gst_until": date(2026, 1, 1)}),
    ],
)
def test_a_gst_registration_that_makes_no_sense_is_refused(field, given):
    with pytest.raises(ValidationError) as refused:
        Organiser(name="Opera Friends", **given).full_clean()
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("analytics_script", {"analytics_script": "http://count.example/a.js", "analytics_name": "Count"}),
        ("analytics_name", {"analytics_script": "https://count.example/a.js"}),
    ],
)
def test_analytics_that_visitors_could_not_be_asked_about_is_refused(home, field, given):
    with pytest.raises(ValidationError) as refused:
        SiteSettings(site=home.get_site(), **given).full_clean()
    assert list(refused.value.message_dict) == [field]


def test_a_venue_that_only_a_date_uses_is_not_deleted(admin):
    page, hall = factories.make_event(), factories.make_venue("Town Church")
    Performance.objects.filter(page=page).update(venue=hall)
    answer = admin.post(reverse("wagtailsnippets_events_pages_venue:delete", args=[hall.pk]))
    assert "Events or their dates use it" in answer.content.decode()
    assert Performance.objects.get(page=page).venue == hall
