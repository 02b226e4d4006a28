from django.core.management.base import BaseCommand, CommandError

from operations import release


class Command(BaseCommand):
    help = "Migrates the database for this version and makes the cache's table. Waits for other releases and for locks."

    def add_arguments(self, parser):
        parser.add_argument("--patience", type=int, default=release.PATIENCE, help="seconds (default 600)")

    def handle(self, *, patience, **options):
        try:
            release.migrate_for_release(say=self.stdout.write, patience=patience)
        except release.NotReleased as error:
            raise CommandError(str(error)) from error
