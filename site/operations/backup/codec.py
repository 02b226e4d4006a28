"""How a table looks in a backup: a line per row, as PostgreSQL's COPY writes them in text (tabs, \\N, backslashes).

PostgreSQL writes and reads these lines itself. For SQLite the same is said in SQL, because Python would take minutes.
https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"; times are UTC.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps

NULL = "\\N"
UNSTORABLE = re.compile(r"\\\\u(?:0000|[dD][89a-fA-F])")  # as the line has it: with the backslash doubled
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class ColumnKind(StrEnum):
    """What SQLite stores in a way of its own; everything else is text to it."""

    NUMBER = "number"
    TEXT = "text"
    JSON = "json"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    DECIMAL = "decimal"
    UUID = "uuid"
    DURATION = "duration"


KINDS = {
    ColumnKind.NUMBER: (
        *("AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField"),
        *("PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField", "FloatField"),
    ),
    ColumnKind.TEXT: (
        *("CharField", "TextField", "SlugField", "FileField", "URLField", "EmailField"),
        *("GenericIPAddressField", "DateField", "TimeField"),
    ),
    ColumnKind.JSON: ("JSONField",),
    ColumnKind.BOOLEAN: ("BooleanField",),
    ColumnKind.MOMENT: ("DateTimeField",),
    ColumnKind.DECIMAL: ("DecimalField",),
    ColumnKind.UUID: ("UUIDField",),
    ColumnKind.DURATION: ("DurationField",),
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}


@dataclass(frozen=True)
class Column:
    name: str
    kind: ColumnKind
    places: int = 0

    @classmethod
    def of(cls, field):
        """Raises KeyError for a type of field that nobody has said yet how to keep."""
        column = field.column
        while field.remote_field:
            field = field.target_field
        return cls(column, KIND_OF[field.get_internal_type()], getattr(field, "decimal_places", None) or 0)

    @property
    def quoted(self):
        return f'"{self.name}"'

    @property
    def from_postgres(self):
        """A duration in seconds, which COPY reads back as such; all else as it is."""
        return f"extract(epoch FROM {self.quoted})" if self.kind == ColumnKind.DURATION else self.quoted

    @property
    def from_sqlite(self):
        """SQL that makes the text of the line of what SQLite stores."""
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
        """SQL that stores the `number`th value of the line as SQLite wants it."""
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
        """Without what is made of other columns: it is made anew."""
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
    """Every table of every model but the excluded ones, by name; `of` may be the apps of the past."""
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
    """The line without what only SQLite stores: the sign of number 0, and half of one in JSON."""
    line = line.replace("\x00", "")
    if not UNSTORABLE.search(line):
        return line
    values = [
        json.dumps(_strip_unstorable(json.loads(value)), ensure_ascii=False)
        if value and column.kind == ColumnKind.JSON
        else value
        for column, value in zip(table.columns, split_line(line), strict=True)
    ]
    return "\t".join(NULL if value is None else escape_value(value) for value in values)


def _strip_unstorable(value):
    if isinstance(value, dict):
        return {_strip_unstorable(name): _strip_unstorable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_strip_unstorable(each) for each in value]
    return value.replace("\x00", "").encode("utf-8", "ignore").decode() if isinstance(value, str) else value


def escape_value(text):
    """As COPY writes a value."""
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
