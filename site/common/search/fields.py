"""The column of search words in the row that they are about, and how each database looks into it.

PostgreSQL keeps them as a `tsvector`, with a GIN index that `AddWordIndex` builds; SQLite as a line of text that it
reads through. Neither needs an extension, and both find the same rows.
"""

import json
from collections import Counter
from contextlib import contextmanager
from functools import lru_cache

from django.db import connection, models, transaction
from django.db.backends.signals import connection_created

from common.migration_operations import AddHiddenIndex
from common.search.words import Any, Near, Word, is_found, is_spelt, near_spellings

BITMAPS, AS_EVER = (
    "; ".join(f"SET LOCAL enable_{way} = {value}" for way in ("seqscan", "indexscan", "indexonlyscan"))
    for value in ("off", "DEFAULT")
)
FUNCTION = "words_are_meant"
WORD, ANY, EVERY, NEAR = "word", "any", "every", "near"
MOST_MEANT = 5
MOST_LOOKED_AT = 300


class SearchWordsField(models.TextField):
    """Filled by the row's own method `of` whenever the row is written. Never in a backup: made anew."""

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
    """Rows that a term of `common.search.words` finds."""

    lookup_name = "spelt"
    prepare_rhs = False

    def get_db_prep_lookup(self, value, connection):
        return "%s", [value]

    def as_postgresql(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", [*parameters, _as_tsquery(self.rhs)]

    def as_sqlite(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        return f"{FUNCTION}({column}, %s)", [*parameters, json.dumps(_as_list(self.rhs))]


class AddWordIndex(AddHiddenIndex):
    """The index for `spelt`."""

    PENDING = 256  # kilobytes: what a search has to read beside the index, and one unlucky writer to sort in

    def __init__(self, model_name, field, name):
        self.model_name, self.field, self.name = model_name, field, name

    def define(self, app_label, state):
        table = state.apps.get_model(app_label, self.model_name)._meta.db_table
        return f'"{table}" USING gin ("{self.field}") WITH (gin_pending_list_limit = {self.PENDING})'


@contextmanager
def using_index_alone():
    """For a few lookups: PostgreSQL misjudges rare words and would read all rows instead."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BITMAPS)
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute(AS_EVER)


def find_meant_spellings(rows, query, *, field="search_words"):
    """Returns ({word as typed: spellings of it that some of these rows have}, the rows that may be meant); most
    frequent first. One statement for the spellings there are, and one a word, two where it is frequent; those after a
    rare word look through its rows alone."""
    near = {}
    with using_index_alone():
        there = _list_kept_spellings(rows.model, [word for word, _typed in query], field)
        for word, typed in sorted(query, key=lambda pair: -len(pair[0])):
            if is_spelt(word):
                near[word], rows = _spellings_of(rows, word, typed, field, there)
    return near, rows


def list_corrected_words(rows, query, near, *, field="search_words"):
    """[(word as typed, spellings that these rows have instead)] for the words that none of them has. One statement."""
    texts = [text.split(" ") for text in rows.order_by().values_list(field, flat=True)]
    words = {word for text in texts for word in text}
    strange = [
        (word, [each for each in near.get(word, ()) if each in words])
        for word, typed in query
        if not any(is_found(text, Any(typed)) for text in texts)
    ]
    return [(word, spellings) for word, spellings in strange if spellings]


def _list_kept_spellings(model, words, field):
    """Those near these words that any row has, one by one by the index: of rows with one of some hundred spellings
    PostgreSQL would look at each. None where the database has no such index."""
    if connection.vendor != "postgresql":
        return None
    table, column = (connection.ops.quote_name(name) for name in (model._meta.db_table, field))
    spellings = sorted(frozenset().union(*map(near_spellings, words)))
    has_row = f"EXISTS (SELECT 1 FROM {table} WHERE {column} @@ word::tsquery)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT word FROM unnest(%s::text[]) AS near (word) WHERE {has_row}", [spellings])  # noqa: S608
        return {word for (word,) in cursor.fetchall()}


def _spellings_of(rows, word, typed, field, there):
    near = near_spellings(word)
    alike = Near(word) if there is None else Any((Word(word), *(Word(one, is_whole=True) for one in near & there)))
    found = _sample(rows, Any((alike, *typed[1:])), field)
    if len(found) < MOST_LOOKED_AT:
        rows = rows.filter(pk__in=[pk for pk, _ in found])
    elif typed[1:]:
        found = _sample(rows, alike, field)
    counted = Counter(spelling for _, text in found for spelling in near.intersection(text.split(" ")))
    return sorted(counted, key=lambda spelling: (-counted[spelling], spelling))[:MOST_MEANT], rows


def _sample(rows, term, field):
    found = rows.order_by().filter(**{f"{field}__spelt": term})
    return list(found.values_list("pk", field)[:MOST_LOOKED_AT])


def _as_tsquery(term):
    if isinstance(term, Word):
        return term.text if term.is_whole else f"{term.text}:*"
    if isinstance(term, Near):
        return f"({' | '.join([f'{term.text}:*', *sorted(near_spellings(term.text))])})"
    sign = " | " if isinstance(term, Any) else " & "
    return f"({sign.join(map(_as_tsquery, term.terms))})"


def _as_list(term):
    if isinstance(term, Word):
        return [WORD, f" {term.text} " if term.is_whole else f" {term.text}"]
    if isinstance(term, Near):
        return [NEAR, term.text]
    return [ANY if isinstance(term, Any) else EVERY, list(map(_as_list, term.terms))]


def add_sqlite_function(connection, **kwargs):
    """SQLite calls Python here, which looks through a text faster than SQLite itself."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(FUNCTION, 2, _is_meant, deterministic=True)


def _is_meant(text, term):
    return _test_of(term)(text or "")


@lru_cache(maxsize=64)
def _test_of(term):
    return _test(json.loads(term))


def _test(term):
    kind, value = term
    if kind == WORD:
        return lambda text: value in text
    if kind == NEAR:
        return _near_test(value)
    tests = list(map(_test, value))
    return tests[0] if len(tests) == 1 else _joined_test(tests, is_enough=kind == ANY)


def _joined_test(tests, *, is_enough):
    def test(text):
        for each in tests:
            if each(text) is is_enough:
                return is_enough
        return not is_enough

    return test


def _near_test(word):
    """A slip leaves the first or the last half of a word as it was: a text with neither needs no closer look."""
    half = len(word) // 2
    start, end = word[:half], word[half:]
    near = near_spellings(word)
    swapped = f" {start[:-1]}{end[0]}{start[-1]}{end[1:]} "
    if half > 2:
        start, swapped = start[:-1], ""  # short enough for two letters that change places where the halves meet

    first, last = f" {start}", f"{end} "

    def test(text):
        if first in text and _has_one(word, near, text, first, 1):
            return True
        return (last in text and _has_one(word, near, text, last, 0)) or (bool(swapped) and swapped in text)

    return test


def _has_one(word, near, text, part, inside):
    at = text.find(part)
    while at >= 0:
        found = text[text.rfind(" ", 0, at + inside) + 1 : text.find(" ", at + inside)]
        if found in near or found.startswith(word):
            return True
        at = text.find(part, at + 1)
    return False


connection_created.connect(add_sqlite_function, dispatch_uid="search_words_function")
