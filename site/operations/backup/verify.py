"""Row by row: what a backup holds beside what a database holds now."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.backup import codec, media, snapshot, table_file
from operations.backup.codec import ColumnKind

GROWING = ("django_content_type", "auth_permission")
"""Every `migrate` adds what it misses here: SQLite's search has a model of its own."""


@dataclass(frozen=True)
class Difference:
    """Rows of one table that are in the one and not in the other; an altered row is in both numbers."""

    table: str
    lost: int
    extra: int


def compare_with_database(found, using="default"):
    """The Differences between an Archive and a database, table by table; [] when nothing was lost or altered."""
    with TemporaryDirectory(prefix="jersey-compare-") as folder, snapshot.open_snapshot(using, alone=False) as target:
        return [
            difference
            for sheet in found.manifest.sheets
            if (difference := _compare_table(found, sheet, target, Path(folder)))
        ]


def _compare_table(found, sheet, target, folder):
    path = folder / f"{sheet.table.name}.tsv.gz"
    _, sha256 = table_file.write_table_file(path, lambda out: target.dump(sheet.table, out))
    if sha256 == sheet.sha256:
        return None
    plain = _row_normaliser(sheet.table)
    before, after = (
        {hash(plain(line)) for line in table_file.read_lines(each)} for each in (found.path(sheet.part), path)
    )
    lost = len(before - after)
    extra = 0 if sheet.table.name in GROWING else len(after - before)
    return Difference(sheet.table.name, lost, extra) if lost or extra else None


def _row_normaliser(table):
    """The two engines write the same JSON and the same fractions differently: said in one way."""
    kinds = [column.kind for column in table.columns]
    special = [number for number, kind in enumerate(kinds) if kind in (ColumnKind.JSON, ColumnKind.NUMBER)]

    def plain(line):
        values = codec.split_line(line)
        for number in special:
            if values[number] is not None:
                values[number] = json.dumps(json.loads(values[number]), sort_keys=True)
        return tuple(values)

    return plain


def list_missing_media(found, storage):
    """The names of files that are not in the storage as the backup has them."""
    return [file.path for file in found.manifest.media if not _is_there(storage, file)]


def _is_there(storage, file):
    if not storage.exists(file.path):
        return False
    with storage.open(file.path) as there:
        return media.hash_content(there) == file.sha256
