from django.core.management.base import BaseCommand, CommandError

from operations.backup import drill
from operations.backup.errors import BackupError


class Command(BaseCommand):
    help = (
        "Restores a backup into another database, compares every row and file with it, and records the drill. The site "
        "may go on selling meanwhile."
    )

    def add_arguments(self, parser):
        parser.add_argument("--from", metavar="PLACE", dest="backup", help="a backup that is there; else one of now")
        parser.add_argument("--identity", metavar="FILE", help="the age key that opens a sealed backup")
        parser.add_argument("--into", metavar="URL", help="an empty database; else one that is made and dropped")

    def handle(self, *, backup, identity, into, **options):
        try:
            run = drill.run_drill(backup, identity=identity, into=into, say=self.stdout.write)
        except BackupError as error:
            raise CommandError(str(error)) from error
        minutes = (run.finished_at - run.started_at).total_seconds() / 60
        self.stdout.write(
            f"{run.rows:,} rows and {run.files} media files came back in {minutes:.1f} min, nothing lost."
        )
