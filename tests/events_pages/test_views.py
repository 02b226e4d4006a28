"""For machines: the sitemap and the rules for robots."""

import re
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from events_pages.models import EventPage, Performance
from events_pages.public import site_map
from tests import factories

pytestmark = pytest.mark.django_db


def test_sitemap_lists_public_pages(client):
    factories.make_event("Sea Shanties")

    body = client.get("/sitemap.xml").content.decode()

    assert "http://testserver/events/sea-shanties-" in body
    assert "http://testserver/events/archive/" in body


def test_robots_keep_out_of_orders(client, home):
    response = client.get("/robots.txt")

    assert response.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /tickets/" in response.content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in response.content.decode()


def test_pages_outlive_a_lost_poster(client, db):
    page = factories.make_event("Sea Shanties")
    page.poster.file.name = "original_images/lost.png"
    page.poster.save()
    for address in (page.get_url(), page.get_parent().get_url(), "/"):
        response = client.get(address)
        assert response.status_code == 200
        assert "Sea Shanties" in response.content.decode()


def test_the_site_map_follows_changes_of_dates(client, time_machine):
    page = factories.make_event("Play")
    EventPage.objects.update(last_published_at=datetime(2027, 3, 1, tzinfo=UTC))
    Performance.objects.update(changed_at=datetime(2027, 2, 1, tzinfo=UTC))
    assert lastmod_of(client, page) == "2027-03-01"
    Performance.objects.update(changed_at=datetime(2027, 4, 2, tzinfo=UTC))
    assert lastmod_of(client, page) == "2027-04-02"


def lastmod_of(client, page):
    cache.clear()
    return client.get("/sitemap.xml").text.split(f"{page.url}</loc><lastmod>")[1].split("<")[0][:10]


def test_the_site_map_costs_the_same_for_any_number_of_pages(client):
    counts = set()
    for number in (1, 3):
        for made in range(number):
            factories.make_performance(factories.make_event(f"Event {number} {made}"))
        client.get("/sitemap.xml")
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            client.get("/sitemap.xml")
        counts.add(len(asked))
    assert len(counts) == 1, counts


def test_the_site_map_names_the_month_view(client):
    factories.make_index()
    assert "/events/month/</loc>" in client.get("/sitemap.xml").text


def test_the_map_of_many_pages_is_an_index_of_parts(client, monkeypatch):
    monkeypatch.setattr(site_map, "PART", 3)
    pages = [factories.make_event(f"Event {number}") for number in range(7)]
    secret, draft = factories.make_event("Secret"), factories.make_event("Draft")
    PageViewRestriction.objects.create(page=secret, restriction_type="login")
    draft.unpublish()

    index = client.get("/sitemap.xml").text
    parts = re.findall(r"<loc>http://testserver(/sitemap-\d+.xml)</loc>", index)
    answers = [client.get(part) for part in parts]
    found = re.findall(r"<loc>http://testserver(/events/[^<]+/)</loc>", "".join(each.text for each in answers))
    assert {page.url for page in pages} <= set(found)
    assert len(found) == len(set(found))
    assert not {secret.url, draft.url} & set(found)
    assert all(each.status_code == 200 and len(re.findall("<loc>", each.text)) for each in answers)


def test_a_part_without_pages_is_not_there(client, home):
    assert client.get("/sitemap-900000.xml").status_code == 404
    assert client.get(f"/sitemap-{10**30}.xml").status_code == 404


def test_the_map_of_many_pages_costs_the_same_for_any_number(client, monkeypatch):
    monkeypatch.setattr(site_map, "PART", 3)
    counts = set()
    for number in (4, 9):
        for made in range(number):
            factories.make_event(f"Event {number} {made}")
        client.get("/sitemap.xml")
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            client.get("/sitemap.xml")
        counts.add(len(asked))
    assert len(counts) == 1, counts
