from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from wagtail.models import Page, Site

from events_pages.models import EventIndexPage, HomePage


class Command(BaseCommand):
    help = "Puts a home page and the list of events at SITE_URL, on an empty site. What is there is never touched."

    @transaction.atomic
    def handle(self, **options):
        if HomePage.objects.exists():
            return "There is a home page already."
        welcome = list(Page.objects.filter(depth=2, content_type__model="page"))
        home = Page.objects.get(depth=1).add_child(instance=HomePage(title=settings.WAGTAIL_SITE_NAME, slug="start"))
        home.add_child(instance=EventIndexPage(title="What’s on", slug="events", show_in_menus=True))
        site = point_site_at(home)
        for page in welcome:
            page.delete()
        return f"{site.root_url} shows the new home page. Change it under Pages in the admin."


def point_site_at(home):
    parts = urlsplit(settings.SITE_URL)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.hostname, site.port = parts.hostname, parts.port or {"https": 443, "http": 80}[parts.scheme]
    site.root_page, site.site_name = home, settings.WAGTAIL_SITE_NAME
    site.save()
    return site
