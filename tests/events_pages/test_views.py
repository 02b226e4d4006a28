"""For machines: the sitemap and the rules for robots."""

import pytest

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
