"""The first pages of an empty site, so that nobody has to click them together."""

import pytest
from django.core.management import call_command
from wagtail.models import Page, Site

from events_pages.models import EventIndexPage, HomePage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty_site():
    """As Wagtail's own migrations leave it."""
    root = factories.make_root()
    Page.objects.filter(depth=2).delete()
    welcome = Page.objects.get(pk=root.pk).add_child(
        instance=Page(title="Welcome to your new Wagtail site!", slug="home")
    )
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": welcome})


def test_an_empty_site_gets_its_home_at_its_own_address(empty_site, settings, client):
    settings.SITE_URL = "https://tickets.example.je"
    settings.ALLOWED_HOSTS = ["tickets.example.je"]
    call_command("make_home")
    site = Site.objects.get()
    assert (site.hostname, site.port, site.root_page.specific) == ("tickets.example.je", 443, HomePage.objects.get())
    assert not Page.objects.filter(title__startswith="Welcome").exists()
    for path in ("/", EventIndexPage.objects.get().relative_url(site)):
        assert client.get(path, headers={"host": "tickets.example.je"}, secure=True).status_code == 200


def test_a_site_with_a_home_is_left_alone():
    home = factories.make_home()
    call_command("make_home")
    assert HomePage.objects.get() == home
    assert Site.objects.get().hostname == "testserver"
