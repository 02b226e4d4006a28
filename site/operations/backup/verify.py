"""Comparison of a backup with a database and its media: every row, every file."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.backup import codec, media, snapshot
from operations.backup.codec import ColumnKind

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
