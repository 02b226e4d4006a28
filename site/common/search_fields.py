"""A column of folded words in the row that they are about, and how each database looks into it.

PostgreSQL keeps them as a `tsvector`, with a GIN index that `AddWordIndex` builds; SQLite as a line of text that it
reads through. Neither needs an extension, and both find the same rows.
"""

from contextlib import contextmanager

from django.db import connection, models, transaction
from django.db.migrations.operations.base import Operation

from common.search_words import Any, Word, is_found, near_spellings

MOST_MEANT = 5
MOST_LOOKED_AT = 1000


class SearchWordsField(models.TextField):
    """Filled by the row's own method `of` in whatever statement writes the row. Never in a backup: made anew."""

    is_derived = True

    def __init__(self, *args, of="words_to_find", **kwargs):
        self.of = of
        super().__init__(*args, **{"editable": False, "blank": True, "default": "", "db_default": ""} | kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}

    def db_type(self, connection):
        return "tsvector" if connection.vendor == "postgresql" else super().db_type(connection)

    def pre_save(self, instance, add):
        fold = getattr(instance, self.of, None)  # a model of the past has none
        if fold is not None:
            setattr(instance, self.attname, fold())
        return super().pre_save(instance, add)

    def get_db_prep_value(self, value, connection, prepared=False):
        value = super().get_db_prep_value(value, connection, prepared)
        return f" {value} " if value and isinstance(value, str) and connection.vendor == "sqlite" else value

    def from_db_value(self, value, expression, connection):
        return value and value.replace("'", "").strip()


@SearchWordsField.register_lookup
class Spelt(models.Lookup):
    """Rows whose words are what a term of `common.search_words` looks for."""

    lookup_name = "spelt"
    prepare_rhs = False

    def get_db_prep_lookup(self, value, connection):
        return "%s", [value]

    def as_postgresql(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", [*parameters, _as_tsquery(self.rhs)]

    def as_sqlite(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        if parameters:
            raise NotImplementedError("the words of a plain column only")
        return _as_condition(self.rhs, column)


@SearchWordsField.register_lookup
class Near(Spelt):
    """Rows that hold one of these spellings of one word, and on SQLite perhaps some that do not: look at each."""

    lookup_name = "near"

    def as_postgresql(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", [*parameters, " | ".join(sorted(near_spellings(self.rhs)))]

    def as_sqlite(self, compiler, connection):
        """One slip leaves one half of a word as it was, unless two letters changed places where the halves meet."""
        column, _ = self.process_lhs(compiler, connection)
        half = len(self.rhs) // 2
        start, end = self.rhs[:half], self.rhs[half:]
        halves = (f" {start}", f"{end} ", f" {start[:-1]}{end[0]}{start[-1]}{end[1:]} ")
        first = " OR ".join(f"instr({column}, %s)" for _ in halves)
        patterns = _patterns(self.rhs)
        then = " OR ".join(f"{column} GLOB %s" for _ in patterns)
        return f"(({first}) AND ({then}))", [*halves, *patterns]


class AddWordIndex(Operation):
    """The index that `spelt` uses on PostgreSQL, built while others write. The migration needs `atomic = False`."""

    reversible = True
    atomic = False
    PENDING = 256  # kilobytes: what a search has to read beside the index, and one unlucky writer to sort in

    def __init__(self, model_name, field, name):
        self.model_name, self.field, self.name = model_name, field, name

    def state_forwards(self, app_label, state):
        """Models know nothing of it: only one of the databases has it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
            schema_editor.execute(
                f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{self.name}" ON "{table}" USING gin ("{self.field}") '
                f"WITH (gin_pending_list_limit = {self.PENDING})"
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self.name}"')

    def describe(self):
        return f"Create index {self.name} for the words of {self.model_name}"


@contextmanager
def by_index_alone():
    """A few lookups in a big table: whatever PostgreSQL guesses about rare words, it does not read all the rows."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute("SET LOCAL enable_seqscan = on")


def find_meant(rows, query, *, field="search_words"):
    """{word as typed: spellings of it that some of these rows have}, the most frequent first. One statement a word."""
    return {word: found for word in query.words if (found := _spellings_of(rows, word, field))}


def words_meant(rows, query, near, *, field="search_words"):
    """[(word as typed, spellings that these rows have instead)] of the words that none of them has. One statement."""
    texts = [text.split(" ") for text in rows.order_by().values_list(field, flat=True)]
    words = {word for text in texts for word in text}
    strange = [
        (word, [each for each in near.get(word, ()) if each in words])
        for word, typed in query
        if not any(is_found(text, Any(typed)) for text in texts)
    ]
    return [(word, spellings) for word, spellings in strange if spellings]


def _spellings_of(rows, word, field):
    near, counted = near_spellings(word), {}
    if not near:
        return []
    texts = rows.order_by().filter(**{f"{field}__near": word}).values_list(field, flat=True)[:MOST_LOOKED_AT]
    for text in texts:
        for spelling in near.intersection(text.split(" ")):
            counted[spelling] = counted.get(spelling, 0) + 1
    return sorted(counted, key=lambda spelling: (-counted[spelling], spelling))[:MOST_MEANT]


def _as_tsquery(term):
    if isinstance(term, Word):
        return term.text if term.is_whole else f"{term.text}:*"
    sign = " | " if isinstance(term, Any) else " & "
    return f"({sign.join(map(_as_tsquery, term.terms))})"


def _as_condition(term, column):
    if isinstance(term, Word):
        return f"instr({column}, %s) > 0", [f" {term.text} " if term.is_whole else f" {term.text}"]
    parts = [_as_condition(each, column) for each in term.terms]
    sign = " OR " if isinstance(term, Any) else " AND "
    return f"({sign.join(sql for sql, _ in parts)})", [each for _, parameters in parts for each in parameters]


def _patterns(word):
    """`near_spellings` with a question mark for whatever letter."""
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = {start + end[1:] for start, end in splits if end}
    near |= {start + end[1] + end[0] + end[2:] for start, end in splits if len(end) > 1}
    near |= {f"{start}?{end[1:]}" for start, end in splits if end} | {f"{start}?{end}" for start, end in splits}
    return [f"* {each} *" for each in sorted(near)]
