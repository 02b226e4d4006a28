"""The release phase: before new code serves, while old code still does."""

from django.core.management.base import BaseCommand, CommandError

from operations import releasing


class Command(BaseCommand):
    help = "Migrates the database for this version and makes the cache's table. Waits for other releases and for locks."

    def add_arguments(self, parser):
        parser.add_argument("--patience", type=int, default=releasing.PATIENCE, help="seconds (default 600)")

    def handle(self, *, patience, **options):
        try:
            releasing.release(say=self.stdout.write, patience=patience)
        except releasing.NotReleased as error:
            raise CommandError(str(error)) from error
