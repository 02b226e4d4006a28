"""Row by row: what a backup holds beside what a database holds now."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.backup import columns, media, sheets, snapshot
from operations.backup.columns import Kind

GROWING = ("django_content_type", "auth_permission")
"""Every `migrate` adds what it misses here: SQLite's search has a model of its own."""


@dataclass(frozen=True)
class Difference:
    """Rows of one table that are in the one and not in the other; an altered row is in both numbers."""

    table: str
    lost: int
    extra: int


def compare(found, using="default"):
    """The Differences between an Archive and a database, table by table; [] when nothing was lost or altered."""
    with TemporaryDirectory(prefix="jersey-compare-") as folder, snapshot.taken(using, alone=False) as target:
        return [
            difference
            for sheet in found.manifest.sheets
            if (difference := _compare(found, sheet, target, Path(folder)))
        ]


def _compare(found, sheet, target, folder):
    path = folder / f"{sheet.table.name}.tsv.gz"
    _, sha256 = sheets.write(path, lambda out: target.dump(sheet.table, out))
    if sha256 == sheet.sha256:
        return None
    plain = _plainer(sheet.table)
    before, after = ({hash(plain(line)) for line in sheets.lines(each)} for each in (found.path(sheet.part), path))
    lost = len(before - after)
    extra = 0 if sheet.table.name in GROWING else len(after - before)
    return Difference(sheet.table.name, lost, extra) if lost or extra else None


def _plainer(table):
    """The two engines write the same JSON and the same fractions differently: said in one way."""
    kinds = [column.kind for column in table.columns]
    special = [number for number, kind in enumerate(kinds) if kind in (Kind.JSON, Kind.NUMBER)]

    def plain(line):
        values = columns.split(line)
        for number in special:
            if values[number] is not None:
                values[number] = json.dumps(json.loads(values[number]), sort_keys=True)
        return tuple(values)

    return plain


def missing_media(found, storage):
    """The names of files that are not in the storage as the backup has them."""
    return [file.path for file in found.manifest.media if not _is_there(storage, file)]


def _is_there(storage, file):
    if not storage.exists(file.path):
        return False
    with storage.open(file.path) as there:
        return media.digest_of(there) == file.sha256
