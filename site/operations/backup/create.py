"""Making a backup: a snapshot of the database, the media, then the manifest; then the oldest ones go."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from common.production_checks import why_unfit_for_backups
from operations.backup import encryption, media, run_log, snapshot, storage, table_file
from operations.backup.errors import BackupError
from operations.backup.manifest import NAME, Manifest, Part, TableFile, app_version
from operations.enums import BackupRunKind

HALF_WRITTEN_KEPT = timedelta(days=1)


def create_backup(to=None, *, recipient=None, keep=None, say=lambda words: None):
    """Backs up database and media to a place (BACKUP_TO). Returns (backup name, KeepingRun).

    Consistent at one moment, streamed, never two at once. What is half written when it fails is taken away again.
    Raises KeepingError; any failure is recorded and alerted. `recipient` (age1…) seals every file.
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


def write_backup(source, where, *, recipient="", say=lambda words: None):
    """Writes a Snapshot and the media to a place. Returns (backup name, Manifest). Records nothing."""
    name = datetime.now(UTC).strftime(storage.NAME_FORMAT)
    try:
        return name, _Writer(where, name, recipient, say).write(source)
    except storage.UNREACHABLE as error:
        raise BackupError(f"{where}: {error}") from error


def delete_old_backups(where, keep, *, but):
    """Drops all whole backups but the `keep` newest, never `but`, and half-written ones of yesterday or before."""
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
    """Each file is made in a temporary folder, sealed, put into its place and forgotten: one at a time."""

    def __init__(self, where, name, recipient, say):
        self.where, self.name, self.recipient, self.say = where, name, recipient, say
        self.parts = []

    def write(self, source):
        manifest = self.begin(source)
        with TemporaryDirectory(prefix="jersey-backup-") as folder:
            self.folder = Path(folder)
            try:
                manifest.sheets = [self.sheet(source, table) for table in source.tables()]
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

    def sheet(self, source, table):
        path = self.folder / f"{table.name}.tsv.gz"
        rows, sha256 = table_file.write_table_file(path, lambda out: source.dump(table, out))
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
