"""The manifest of a backup: every table, media file and part with its hash.

It is written last: without it there is no backup. It is signed with the site's SECRET_KEY, because whoever can write
files can also compute hashes. Until the signature is checked anything in it may be made up: names must have a plain
shape, paths stay below their folder.
"""

import json
import re
import tomllib
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from common.env import BASE_DIR
from operations.backup.codec import Table
from operations.backup.errors import DamagedBackup, NewerVersion

FORMAT = 2
NAME = "manifest.json"
SALT = "operations.backup.manifest"
TABLE = r"[a-z_][a-z0-9_]{0,62}"
TABLE_NAME = re.compile(TABLE, re.ASCII)
PART = re.compile(rf"(manifest\.json|media-\d{{3,6}}\.tar|{TABLE}\.tsv\.gz)(\.age)?", re.ASCII)
MIGRATION = re.compile(r"[\w.-]{1,255}", re.ASCII)
LONGEST_PATH = 500


@dataclass(frozen=True)
class Part:
    """A file of the backup as it is stored, encrypted or not."""

    name: str
    size: int
    sha256: str

    def __post_init__(self):
        _insist(PART.fullmatch(self.name) and _is_count(self.size))


@dataclass(frozen=True)
class TableFile:
    """The rows of one table, in a part of their own."""

    table: Table
    rows: int
    sha256: str
    part: str
    next_id: int | None = None

    def __post_init__(self):
        _insist(TABLE_NAME.fullmatch(self.table.name))
        _insist(self.part.removesuffix(".age") == f"{self.table.name}.tsv.gz")
        _insist(_is_count(self.rows) and (self.next_id is None or _is_count(self.next_id)))


@dataclass(frozen=True)
class MediaFile:
    path: str
    size: int
    sha256: str

    def __post_init__(self):
        _insist(is_confined(self.path) and _is_count(self.size))


@dataclass
class Manifest:
    engine: str
    version: str
    migrations: list
    started_at: datetime
    finished_at: datetime | None = None
    sealed: bool = False
    tables: list = field(default_factory=list)
    media: list = field(default_factory=list)
    parts: list = field(default_factory=list)
    is_signed: bool = False

    @property
    def rows(self):
        return sum(table_file.rows for table_file in self.tables)

    @property
    def size(self):
        return sum(part.size for part in self.parts)

    def dumps(self):
        data = {
            "format": FORMAT,
            "engine": self.engine,
            "version": self.version,
            "migrations": self.migrations,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "sealed": self.sealed,
            "tables": [_table_file_data(table_file) for table_file in self.tables],
            "media": [asdict(file) for file in self.media],
            "parts": [asdict(part) for part in self.parts],
        }
        return json.dumps(data | {"signature": _signature(data, settings.SECRET_KEY)}, indent=1)

    @classmethod
    def loads(cls, text):
        """Raises DamagedBackup for what is no manifest and NewerVersion for a format that is not known yet."""
        try:
            data = json.loads(text)
            if data["format"] > FORMAT:
                words = f"This backup has format {data['format']}; this version reads up to {FORMAT}: update it."
                raise NewerVersion(words)
            found = cls(
                engine=data["engine"],
                version=data["version"],
                migrations=[_migration(pair) for pair in data["migrations"]],
                started_at=datetime.fromisoformat(data["started_at"]),
                finished_at=datetime.fromisoformat(data["finished_at"]),
                sealed=data["sealed"],
                tables=[_read_table_file(each) for each in data["tables"]],
                media=[MediaFile(**each) for each in data["media"]],
                parts=[Part(**each) for each in data["parts"]],
                is_signed=_is_signed(data),
            )
            _insist_on_agreement(found)
            return found
        except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError) as error:
            raise DamagedBackup("The manifest of this backup cannot be read.") from error


def app_version():
    with open(BASE_DIR / "pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]["version"]


def _table_file_data(table_file):
    own = {"rows": table_file.rows, "sha256": table_file.sha256, "part": table_file.part, "next_id": table_file.next_id}
    return table_file.table.as_data() | own


def _read_table_file(data):
    return TableFile(Table.read(data), data["rows"], data["sha256"], data["part"], data["next_id"])


def is_confined(path):
    """Whether a path stays below the folder that it is put into, however a storage or a disk reads it."""
    plain = path.isprintable() and "\\" not in path and len(path) <= LONGEST_PATH
    return plain and all(piece not in ("", ".", "..") for piece in path.split("/"))


def _insist(holds):
    if not holds:
        raise ValueError


def _insist_on_agreement(manifest):
    """Each table, file and part is named once, and every table's part is among the parts."""
    tables = [table_file.table.name for table_file in manifest.tables]
    for names in (tables, [file.path for file in manifest.media], [part.name for part in manifest.parts]):
        _insist(len(names) == len(set(names)))
    _insist({table_file.part for table_file in manifest.tables} <= {part.name for part in manifest.parts})


def _is_count(value):
    return type(value) is int and value >= 0


def _migration(pair):
    app, name = pair
    _insist(MIGRATION.fullmatch(app) and MIGRATION.fullmatch(name))
    return app, name


def _signature(data, secret):
    unsigned = {name: value for name, value in data.items() if name != "signature"}
    text = json.dumps(unsigned, sort_keys=True, separators=(",", ":"))
    return salted_hmac(SALT, text, secret=secret, algorithm="sha256").hexdigest()


def _is_signed(data):
    given = str(data.get("signature", ""))
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(given, _signature(data, secret)) for secret in secrets)
