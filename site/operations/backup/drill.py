"""The restore drill: a backup is restored into another database by the command of an emergency, and compared with it:
every row, every file."""

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote
from uuid import uuid4

from django.db import ProgrammingError, connection

from common import env
from common.env import BASE_DIR
from operations.backup import codec, create, media, run_log, snapshot, storage
from operations.backup.codec import ColumnKind
from operations.backup.errors import BackupError
from operations.enums import BackupRunKind


def run_drill(backup=None, *, identity=None, into=None, say=lambda words: None):
    """Restores a backup (one of now, unless `backup` is the address of one) into another database and compares every
    row and file with it. Returns the BackupRun; its `lost` is what differs.

    `into` is the URL of an empty database; without it a new one on the same server, or a file where that is not
    allowed. Raises BackupError when the drill fails; that is an alert too.
    """
    with (
        TemporaryDirectory(prefix="jersey-drill-") as folder,
        scratch_database(Path(folder), into, say) as (url, where),
        run_log.record_run(BackupRunKind.DRILL, where) as run,
    ):
        address = backup or _back_up(Path(folder), run, say)
        result = _restore(address, url, Path(folder) / "media", identity, say)
        run.rows, run.files, run.lost = result["rows"], result["files"], result["lost"]
        if run.lost:
            raise BackupError(f"{run.lost} rows or files differ from the backup.")
    return run


def _back_up(folder, run, say):
    with snapshot.open_snapshot() as source:
        name, manifest = create.write_backup(source, storage.FolderStorage(folder / "kept"), say=say)
    run.size = manifest.size
    say(f"{manifest.rows:,} rows and {len(manifest.media)} media files backed up")
    return str(folder / "kept" / name)


def _restore(address, url, media, identity, say):
    """In a process of its own, which knows neither this database nor its Redis nor its media."""
    command = [sys.executable, "manage.py", "restore", address, "--prove", "--media", str(media)]
    command += ["--identity", str(identity)] if identity else []
    environment = env.changed_environment(DATABASE_URL=url, REDIS_URL="", S3_BUCKET="", BACKUP_TO="")
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    for line in lines:
        say(line)
    result = next((json.loads(line) for line in reversed(lines) if line.startswith("{")), None)
    if result is None:
        raise BackupError(f"The restore failed: {done.stderr.strip()[-200:]}")
    return result


@contextmanager
def scratch_database(folder, into, say):
    """Yields (URL, description) of an empty database; deletes it afterwards, unless it was given."""
    if into:
        yield into, "a database that was given"
    elif connection.vendor == "sqlite":
        yield f"sqlite:///{folder}/drill.sqlite3", "another file"
    else:
        with _second_database(folder, say) as found:
            yield found


@contextmanager
def _second_database(folder, say):
    name = f"drill_{uuid4().hex[:8]}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    except ProgrammingError:
        say("This server lets us make no second database: restoring into a file of SQLite.")
        yield f"sqlite:///{folder}/drill.sqlite3", "a file of SQLite"
        return
    try:
        yield database_url(name), "a second database of the server"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def database_url(name):
    ours = connection.settings_dict
    user = ":".join(quote(ours[key], safe="") for key in ("USER", "PASSWORD") if ours[key])
    options = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in ours["OPTIONS"].items())
    host = quote(ours["HOST"], safe="") + (f":{ours['PORT']}" if ours["PORT"] else "")
    return f"postgresql://{user}@{host}/{name}" + (f"?{options}" if options else "")


CONTENT_TYPES = "django_content_type"
RENAMED_MODELS = {("operations", "keepingrun"): "backuprun", ("payments", "cycle"): "workercycle"}
"""{(app, old name): name today}. A migration alters their rows of content types; their tables have kept their names."""
GROWING = (CONTENT_TYPES, "auth_permission")
"""`migrate` adds rows here: on SQLite the search has a model of its own."""


@dataclass(frozen=True)
class Difference:
    """Rows that only the backup has (`lost`) or only the database (`extra`); an altered row is in both numbers."""

    table: str
    lost: int
    extra: int


def compare_with_database(found, using="default"):
    """The Differences between an Archive and a database, table by table; [] when nothing was lost or altered."""
    with TemporaryDirectory(prefix="jersey-compare-") as folder, snapshot.open_snapshot(using, alone=False) as target:
        return [
            difference
            for table_file in found.manifest.tables
            if (difference := _compare_table(found, table_file, target, Path(folder)))
        ]


def _compare_table(found, table_file, target, folder):
    path = folder / f"{table_file.table.name}.tsv.gz"
    _, sha256 = codec.write_table_file(path, lambda out: target.dump(table_file.table, out))
    if sha256 == table_file.sha256:
        return None
    plain = _row_normaliser(table_file.table)
    before, after = (
        {hash(plain(line)) for line in codec.read_lines(each)} for each in (found.path(table_file.part), path)
    )
    lost = len(before - after)
    extra = 0 if table_file.table.name in GROWING else len(after - before)
    return Difference(table_file.table.name, lost, extra) if lost or extra else None


def _row_normaliser(table):
    """A function that gives equal tuples for equal rows: JSON, fractions and model names may be written differently."""
    kinds = [column.kind for column in table.columns]
    special = [number for number, kind in enumerate(kinds) if kind in (ColumnKind.JSON, ColumnKind.NUMBER)]
    names = [column.name for column in table.columns]

    def plain(line):
        values = codec.split_line(line)
        for number in special:
            if values[number] is not None:
                values[number] = json.dumps(json.loads(values[number]), sort_keys=True)
        if table.name == CONTENT_TYPES:
            app, model = names.index("app_label"), names.index("model")
            values[model] = RENAMED_MODELS.get((values[app], values[model]), values[model])
        return tuple(values)

    return plain


def list_missing_media(found, storage):
    return [file.path for file in found.manifest.media if not _is_there(storage, file)]


def _is_there(storage, file):
    if not storage.exists(file.path):
        return False
    with storage.open(file.path) as there:
        return media.hash_content(there) == file.sha256
