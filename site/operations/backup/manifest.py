"""What a backup says of itself: every table, file and part with its hash. Written last: without it, it is no backup."""

import json
import tomllib
from dataclasses import asdict, dataclass, field
from datetime import datetime

from config.paths import BASE_DIR
from operations.backup.columns import Table
from operations.backup.errors import NotWhole, TooNew

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True)
class Part:
    """A file of the backup as it lies in its place: sealed, if it is."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Sheet:
    """One table: its lines are in a part of their own."""

    table: Table
    rows: int
    sha256: str
    part: str
    next_id: int | None = None


@dataclass(frozen=True)
class MediaFile:
    path: str
    size: int
    sha256: str


@dataclass
class Manifest:
    engine: str
    version: str
    migrations: list
    started_at: datetime
    finished_at: datetime | None = None
    sealed: bool = False
    sheets: list = field(default_factory=list)
    media: list = field(default_factory=list)
    parts: list = field(default_factory=list)

    @property
    def rows(self):
        return sum(sheet.rows for sheet in self.sheets)

    @property
    def size(self):
        return sum(part.size for part in self.parts)

    def dumps(self):
        """JSON, times in ISO."""
        data = {
            "format": FORMAT,
            "engine": self.engine,
            "version": self.version,
            "migrations": self.migrations,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "sealed": self.sealed,
            "tables": [_sheet_data(sheet) for sheet in self.sheets],
            "media": [asdict(file) for file in self.media],
            "parts": [asdict(part) for part in self.parts],
        }
        return json.dumps(data, indent=1)

    @classmethod
    def loads(cls, text):
        """Raises NotWhole for what is no manifest and TooNew for a format that this version does not know."""
        try:
            data = json.loads(text)
            if data["format"] > FORMAT:
                raise TooNew(f"This backup has format {data['format']}; this version reads up to {FORMAT}: update it.")
            return cls(
                engine=data["engine"],
                version=data["version"],
                migrations=[tuple(pair) for pair in data["migrations"]],
                started_at=datetime.fromisoformat(data["started_at"]),
                finished_at=datetime.fromisoformat(data["finished_at"]),
                sealed=data["sealed"],
                sheets=[_sheet_of(each) for each in data["tables"]],
                media=[MediaFile(**each) for each in data["media"]],
                parts=[Part(**each) for each in data["parts"]],
            )
        except (ValueError, TypeError, KeyError, StopIteration) as error:
            raise NotWhole("The manifest of this backup cannot be read.") from error


def app_version():
    """As pyproject.toml says."""
    with open(BASE_DIR / "pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]["version"]


def _sheet_data(sheet):
    own = {"rows": sheet.rows, "sha256": sheet.sha256, "part": sheet.part, "next_id": sheet.next_id}
    return sheet.table.as_data() | own


def _sheet_of(data):
    return Sheet(Table.read(data), data["rows"], data["sha256"], data["part"], data["next_id"])
