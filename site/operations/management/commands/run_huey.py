from django.conf import settings
from huey.contrib.djhuey.management.commands import run_huey


class Command(run_huey.Command):
    """Huey's own, without what only a web process needs: every view of the admin, loaded to check it."""

    requires_system_checks = []

    def handle(self, *args, **options):
        settings.ROOT_URLCONF = settings.WORKER_URLCONF
        super().handle(*args, **options)
