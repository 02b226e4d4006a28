"""The restore drill: a backup is restored into another database by the command of an emergency, and compared."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote
from uuid import uuid4

from django.db import ProgrammingError, connection

from common import env
from common.paths import BASE_DIR
from operations.backup import create, run_log, snapshot, storage
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
