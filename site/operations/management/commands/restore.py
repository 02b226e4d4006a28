import json

from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management.base import BaseCommand, CommandError

from operations.backup import archive, drill, restore
from operations.backup.errors import BackupError
from ticketing.domain.privacy import erasure
from ticketing.models import Erasure


class Command(BaseCommand):
    help = (
        "Restores a backup into this database and its media: the newest of a place, or the one that is named. Stop the "
        "worker first. Everything is checked before anything is touched."
    )

    def add_arguments(self, parser):
        parser.add_argument("place", help="a folder or s3://bucket/prefix, with or without /jersey-… at its end")
        parser.add_argument("--force", action="store_true", help="put it in the place of what is there")
        parser.add_argument("--identity", metavar="FILE", help="the age key that opens a sealed backup")
        parser.add_argument(
            "--unsigned",
            action="store_true",
            help="also one that this SECRET_KEY has not signed: you know its origin",
        )
        parser.add_argument("--media", metavar="FOLDER", help="put the media there instead of where the site has them")
        parser.add_argument("--check", action="store_true", help="only fetch it and check every hash")
        parser.add_argument(
            "--prove", action="store_true", help="compare every row and file afterwards; a line of JSON"
        )

    def handle(self, *, place, identity, unsigned, check, media, **options):
        storage = FileSystemStorage(media) if media else default_storage
        try:
            with archive.fetch_archive(place, identity=identity, unsigned=unsigned, say=self.stdout.write) as found:
                if not check:
                    self.restore(found, storage, **options)
        except BackupError as error:
            raise CommandError(str(error)) from error

    def restore(self, found, storage, *, force, prove, **options):
        asked = erasure.list_erasure_requests() if Erasure._meta.db_table in restore.list_own_tables() else []
        run = restore.restore_backup(found, force=force, storage=storage, say=self.stdout.write)
        for words in restore.describe_restored_database(found.manifest):
            self.stdout.write(words)
        seconds = (run.finished_at - run.started_at).total_seconds()
        self.stdout.write(f"Restored {run.rows:,} rows and {run.files} media files in {seconds:.0f} s.")
        if prove:
            self.prove(found, storage)
        if missing := erasure.repeat_erasure_requests(asked):
            self.stdout.write(
                f"{missing} people asked to be erased since the backup: that stands, what is free is erased."
            )

    def prove(self, found, storage):
        differences, missing = drill.compare_with_database(found), drill.list_missing_media(found, storage)
        for each in differences:
            self.stdout.write(f"{each.table}: {each.lost} rows lost or altered, {each.extra} that were not there")
        lost = sum(max(each.lost, each.extra) for each in differences) + len(missing)
        self.stdout.write(json.dumps({"rows": found.manifest.rows, "files": len(found.manifest.media), "lost": lost}))
        if lost:
            raise CommandError(f"{lost} rows or files differ from the backup.")
