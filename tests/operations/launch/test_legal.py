"""What the law wants to be there: each check in its colours."""

import pytest
from wagtail.models import Site

from events_pages.enums import LegalKind
from events_pages.legal.sample_texts import sample_text
from events_pages.models import LegalPage, SiteSettings
from operations.enums import Colour
from tests import factories

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED


def publish(body):
    for kind in LegalKind:
        page = factories.make_legal_page(kind)
        page.body = body(kind) if callable(body) else body
        page.save()


@pytest.mark.parametrize(
    ("body", "colour", "words"),
    [
        ("<p>Our own words, read by a lawyer.</p>", GREEN, "None of them"),
        (sample_text, RED, "Still the sample text: Terms and conditions, Privacy"),
        ("<p>Ask [privacy e-mail].</p>", RED, "Still the sample text"),
        ("", RED, "Still the sample text"),
    ],
)
def test_legal_texts_are_ones_own(finding, home, body, colour, words):
    publish(body)
    assert finding("legal-pages").colour == GREEN
    found = finding("legal-texts")
    assert (found.colour, words in found.words) == (colour, True), found


def test_every_kind_is_published(finding, home):
    assert finding("legal-texts").colour == RED
    publish("<p>Our own.</p>")
    LegalPage.objects.filter(kind=LegalKind.COOKIES).first().unpublish()
    found = finding("legal-pages")
    assert (found.colour, found.words) == (RED, "Not published: Cookies.")


@pytest.mark.parametrize(
    ("name", "fields", "colour"),
    [
        ("privacy-contact", {"privacy_email": "privacy@operahouse.je"}, GREEN),
        ("privacy-contact", {"privacy_email": ""}, RED),
        ("privacy-contact", {"privacy_email": "privacy@example.je"}, RED),
        ("retention", {"retention_days": 60}, GREEN),
        ("retention", {"retention_days": 3650}, AMBER),
        ("registration", {"data_protection_number": "12345"}, GREEN),
        ("registration", {"data_protection_number": ""}, AMBER),
        ("contact", {"contact_email": "hello@operahouse.je"}, GREEN),
        ("contact", {"contact_email": "hello@jerseyevents.example"}, AMBER),
        ("contact", {"contact_email": ""}, AMBER),
    ],
)
def test_by_the_sites_settings(finding, home, name, fields, colour):
    SiteSettings.objects.update_or_create(site=Site.objects.get(is_default_site=True), defaults=fields)
    assert finding(name).colour == colour
