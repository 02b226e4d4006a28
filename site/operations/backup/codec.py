"""The file format of one table: gzip, a line per row in PostgreSQL's COPY text (tabs, \\N, backslashes), times in UTC.

PostgreSQL writes and reads these lines itself. For SQLite SQL expressions do it, because Python would take minutes.
https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"
"""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps

LONGEST_LINE = 64 * 1024 * 1024  # of bytes: one row, however long the page in it
GZIP_LEVEL = 3  # of gzip: the higher ones save a tenth and take twice as long
NULL = "\\N"
UNSTORABLE = re.compile(r"\\\\u(?:0000|[dD][89a-fA-F])")  # as the line has it: with the backslash doubled
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class ColumnKind(StrEnum):
    """How SQLite stores a column; what is not named here is text to it."""

    NUMBER = "number"
    TEXT = "text"
    JSON = "json"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    DECIMAL = "decimal"
    UUID = "uuid"
    DURATION = "duration"


NUMBERS = (
    *("AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField"),
    *("PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField", "FloatField"),
)
TEXTS = (
    *("CharField", "TextField", "SlugField", "FileField", "URLField", "EmailField"),
    *("GenericIPAddressField", "DateField", "TimeField"),
)
KIND_OF = {
    **dict.fromkeys(NUMBERS, ColumnKind.NUMBER),
    **dict.fromkeys(TEXTS, ColumnKind.TEXT),
    "JSONField": ColumnKind.JSON,
    "BooleanField": ColumnKind.BOOLEAN,
    "DateTimeField": ColumnKind.MOMENT,
    "DecimalField": ColumnKind.DECIMAL,
    "UUIDField": ColumnKind.UUID,
    "DurationField": ColumnKind.DURATION,
}


@dataclass(frozen=True)
class Column:
    name: str
    kind: ColumnKind
    places: int = 0

    @classmethod
    def of(cls, field):
        """Raises KeyError for a type of field that has no kind yet."""
        column = field.column
        while field.remote_field:
            field = field.target_field
        return cls(column, KIND_OF[field.get_internal_type()], getattr(field, "decimal_places", None) or 0)

    @property
    def quoted(self):
        return f'"{self.name}"'

    @property
    def from_postgres(self):
        """A duration as seconds, which COPY reads back; everything else as it is."""
        return f"extract(epoch FROM {self.quoted})" if self.kind == ColumnKind.DURATION else self.quoted

    @property
    def from_sqlite(self):
        name = f"+{self.quoted}"  # the plus keeps Python's converters off
        texts = {
            ColumnKind.NUMBER: f"CAST({name} AS TEXT)",
            ColumnKind.BOOLEAN: f"CASE {name} WHEN 0 THEN 'f' WHEN 1 THEN 't' END",
            ColumnKind.MOMENT: f"CASE WHEN instr({name}, '.') THEN rtrim({name}, '0') ELSE {name} END || '+00'",
            ColumnKind.DECIMAL: f"CASE WHEN {name} IS NOT NULL THEN printf('%.{self.places}f', {name}) END",
            ColumnKind.UUID: _dashed_sql(name),
            ColumnKind.DURATION: f"CASE WHEN {name} IS NOT NULL THEN printf('%.6f', {name} / 1000000.0) END",
        }
        return f"ifnull({texts.get(self.kind) or _escaped_sql(name)}, '{NULL}')"

    def to_sqlite(self, number):
        value = f"?{number}"
        bare = f"substr({value}, 1, length({value}) - 3)"
        stored = {
            ColumnKind.BOOLEAN: f"({value} = 't')",
            ColumnKind.MOMENT: f"CASE WHEN instr({value}, '.') THEN substr({bare} || '000000', 1, 26) ELSE {bare} END",
            ColumnKind.UUID: f"replace({value}, '-', '')",
            ColumnKind.DURATION: f"CAST(round({value} * 1000000) AS INTEGER)",
        }
        return stored.get(self.kind, value)


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple
    key: Column

    @classmethod
    def of(cls, model):
        """Without derived columns: they are computed again after a restore."""
        fields = [field for field in model._meta.local_concrete_fields if not getattr(field, "is_derived", False)]
        return cls(model._meta.db_table, tuple(map(Column.of, fields)), Column.of(model._meta.pk))

    @classmethod
    def read(cls, data):
        columns = tuple(Column(name, ColumnKind(kind), places) for name, kind, places in data["columns"])
        return cls(data["name"], columns, next(column for column in columns if column.name == data["key"]))

    def as_data(self):
        columns = [[column.name, column.kind, column.places] for column in self.columns]
        return {"name": self.name, "key": self.key.name, "columns": columns}

    @property
    def names(self):
        return ", ".join(column.quoted for column in self.columns)


def list_tables(excluded, of=apps):
    """Every table of every model except the excluded ones, by name; `of` may be the apps of an earlier migration."""
    models = of.get_models(include_auto_created=True)
    kept = [model for model in models if model._meta.managed and not model._meta.proxy]
    return sorted(
        (Table.of(model) for model in kept if model._meta.db_table not in excluded), key=lambda table: table.name
    )


def split_line(line):
    """The values of a line without its end; None is NULL."""
    return [None if text == NULL else unescape_value(text) if "\\" in text else text for text in line.split("\t")]


def unescape_value(text):
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), text)


def strip_unstorable(line, table):
    """The line without what PostgreSQL refuses: NUL characters, and NUL or half surrogate pairs in JSON."""
    line = line.replace("\x00", "")
    if not UNSTORABLE.search(line):
        return line
    values = split_line(line)
    for number, column in enumerate(table.columns):
        if column.kind == ColumnKind.JSON and values[number]:
            values[number] = json.dumps(_strip_unstorable(json.loads(values[number])), ensure_ascii=False)
    return "\t".join(NULL if value is None else escape_value(value) for value in values)


def _strip_unstorable(value):
    if isinstance(value, dict):
        return {_strip_unstorable(name): _strip_unstorable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_strip_unstorable(each) for each in value]
    return value.replace("\x00", "").encode("utf-8", "ignore").decode() if isinstance(value, str) else value


def escape_value(text):
    for sign, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(sign, escaped)
    return text


def _escaped_sql(name):
    text = f"replace({name}, '\\', '\\\\')"
    for letter, code in (("t", 9), ("n", 10), ("r", 13)):
        text = f"replace({text}, char({code}), '\\{letter}')"
    return text


def _dashed_sql(name):
    parts = [f"substr({name}, {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))]
    return " || '-' || ".join(parts)


class HashingWriter:
    """Passes everything on to `out` and hashes it."""

    def __init__(self, out):
        self.out, self.sha = out, hashlib.sha256()

    def write(self, data):
        self.sha.update(data)
        self.out.write(data)
        return len(data)


def write_table_file(path, fill):
    """Calls `fill(out)` with a gzip file behind `out`; returns (what it returned, the SHA-256 of the lines)."""
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as packed:
        out = HashingWriter(packed)
        return fill(out), out.sha.hexdigest()


def open_table_file(path):
    return gzip.open(path, "rb")


def read_lines(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line[:-1]
