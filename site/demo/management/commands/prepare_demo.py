import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from wagtail.models import Site


class Command(BaseCommand):
    help = "Brings the database up to date and loads the demo: everything `make run` needs, in one start of Django."
    requires_system_checks = []

    def handle(self, **options):
        logging.disable(logging.INFO)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("load_demo")
        self.follow_the_port()

    def follow_the_port(self):
        """Wagtail builds full addresses from its own record of the site; the port may be another one today."""
        address = urlsplit(settings.SITE_URL)
        Site.objects.filter(is_default_site=True).update(hostname=address.hostname, port=address.port or 80)
        Site.clear_site_root_paths_cache()
