"""Making a backup: a snapshot of the database, the uploads, the manifest last; then the oldest backups are deleted."""

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from common.production_checks import why_unfit_for_backups
from operations.backup import codec, encryption, media, run_log, snapshot, storage
from operations.backup.errors import BackupError
from operations.backup.manifest import NAME, Manifest, Part, TableFile, app_version
from operations.enums import BackupRunKind

logger = logging.getLogger(__name__)

HALF_WRITTEN_KEPT = timedelta(days=1)
NIGHTLY_ONCE_IN = timedelta(hours=1)  # each worker has a clock of its own: who comes a little later finds it done


def create_backup(to=None, *, recipient=None, keep=None, say=lambda words: None):
    """Backs up database and media to a place (BACKUP_TO). Returns (backup name, BackupRun).

    Consistent at one moment, streamed, never two at once; what a failure leaves half written is deleted again.
    Raises BackupError; any failure is recorded and alerted. Every file is encrypted for `recipient` (age1…).
    """
    to = to or settings.BACKUP_TO
    if not to:
        raise BackupError("BACKUP_TO is not set and no place is given: where shall the backup go?")
    if why := why_unfit_for_backups(to, settings):
        raise BackupError(why)
    with run_log.record_run(BackupRunKind.BACKUP, to) as run, snapshot.open_snapshot() as source:
        run_log.end_abandoned_runs(BackupRunKind.BACKUP, but=run)
        where = storage.open_storage(to)
        recipient = settings.BACKUP_RECIPIENT if recipient is None else recipient
        name, manifest = write_backup(source, where, recipient=recipient, say=say)
        run.rows, run.files, run.size = manifest.rows, len(manifest.media), manifest.size
        delete_old_backups(where, settings.BACKUP_KEEP if keep is None else keep, but=name)
    return name, run


def create_nightly_backup():
    """Backs up unless BACKUP_TO is empty or another worker has just done it. A failure is logged, not raised."""
    last = run_log.last_successful_run(BackupRunKind.BACKUP)
    if not settings.BACKUP_TO or (last and last.started_at > timezone.now() - NIGHTLY_ONCE_IN):
        return
    try:
        create_backup()
    except BackupError as error:
        logger.error("backup.failed %s", error)


def write_backup(source, where, *, recipient="", say=lambda words: None):
    """Writes a Snapshot and the media to a place. Returns (backup name, Manifest). Records nothing."""
    name = datetime.now(UTC).strftime(storage.NAME_FORMAT)
    try:
        return name, _Writer(where, name, recipient, say).write(source)
    except storage.UNREACHABLE as error:
        raise BackupError(f"{where}: {error}") from error


def delete_old_backups(where, keep, *, but):
    """Deletes all whole backups except the `keep` newest and `but`, and half-written ones older than a day."""
    whole = where.backups()
    for name in set(whole[: -max(keep, 1)]) - {but}:
        where.drop(name)
    old = (timezone.now() - HALF_WRITTEN_KEPT).astimezone(UTC).strftime(storage.NAME_FORMAT)
    for name in set(where.folders()) - set(whole):
        if name < old:
            where.drop(name)


def list_pending_migrations():
    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


class _Writer:
    """Makes each file in a temporary folder, encrypts it, uploads it and deletes it, one at a time."""

    def __init__(self, where, name, recipient, say):
        self.where, self.name, self.recipient, self.say = where, name, recipient, say
        self.parts = []

    def write(self, source):
        manifest = self.begin(source)
        with TemporaryDirectory(prefix="jersey-backup-") as folder:
            self.folder = Path(folder)
            try:
                manifest.tables = [self.write_table(source, table) for table in source.tables()]
                for path, files in media.pack_uploads(self.folder):
                    self.put(path)
                    manifest.media += files
                self.say(f"{len(manifest.media)} media files")
                self.finish(manifest)
            except BaseException:
                self.where.drop(self.name)
                raise
        return manifest

    def begin(self, source):
        if self.recipient:
            encryption.parse_recipient(self.recipient)
        if list_pending_migrations():
            raise BackupError("The database is not at this version's migrations: run `manage.py release` first.")
        applied = sorted(MigrationExecutor(connection).loader.applied_migrations)
        return Manifest(source.engine, app_version(), applied, timezone.now(), sealed=bool(self.recipient))

    def write_table(self, source, table):
        path = self.folder / f"{table.name}.tsv.gz"
        rows, sha256 = codec.write_table_file(path, lambda out: source.dump(table, out))
        part = self.put(path)
        if rows:
            self.say(f"{rows:>9,} rows of {table.name}")
        return TableFile(table, rows, sha256, part.name, source.next_id(table))

    def put(self, path):
        if self.recipient:
            path = encryption.encrypt_file(path, self.recipient)
        with open(path, "rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        part = Part(path.name, path.stat().st_size, sha256)
        self.where.put(path, f"{self.name}/{path.name}")
        path.unlink()
        self.parts.append(part)
        return part

    def finish(self, manifest):
        manifest.parts, manifest.finished_at = list(self.parts), timezone.now()
        path = self.folder / NAME
        path.write_text(manifest.dumps(), encoding="utf-8")
        self.put(path)
