from importlib import import_module

from django.conf import settings
from huey.contrib.djhuey.management.commands import run_huey

from common import runtime

FIRST_NEEDED = "ticketing.documents.pdf"


class Command(run_huey.Command):
    """Huey's own, without what only a web process needs: every view of the admin, loaded to check it."""

    requires_system_checks = []

    def handle(self, *args, **options):
        settings.ROOT_URLCONF = settings.WORKER_URLCONF
        runtime.share_arenas()
        import_module(FIRST_NEEDED)  # now, so that the collector leaves it alone as it does what tasks import
        super().handle(*args, **options)
