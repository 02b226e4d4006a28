from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations.backup import create, storage
from operations.backup.errors import BackupError


class Command(BaseCommand):
    help = (
        "Backs up the database and the media to BACKUP_TO: a folder or s3://bucket/prefix. Sealed for BACKUP_RECIPIENT "
        "when it is set. The BACKUP_KEEP newest are kept."
    )

    def add_arguments(self, parser):
        parser.add_argument("--to", metavar="PLACE", help="another place than BACKUP_TO")
        parser.add_argument("--keep", type=int, help="how many backups stay there (default BACKUP_KEEP)")
        parser.add_argument("--list", action="store_true", help="only name the backups that are there")

    def handle(self, *, to, keep, **options):
        try:
            if options["list"]:
                return self.show(to or settings.BACKUP_TO)
            name, run = create.create_backup(to, keep=keep, say=self.stdout.write)
        except BackupError as error:
            raise CommandError(str(error)) from error
        seconds = (run.finished_at - run.started_at).total_seconds()
        figures = f"{run.rows:,} rows, {run.files} media files, {run.size:,} bytes in {seconds:.0f} s"
        return f"{name}: {figures}, to {run.place}."

    def show(self, to):
        return "\n".join(storage.open_storage(to).backups()) or f"There is no backup in {to}."
