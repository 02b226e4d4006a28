"""Queries whose SQL is made once: building a queryset and writing its SQL costs more than PostgreSQL takes to answer.

    baskets_by_token = CompiledQuery(lambda token: Basket.objects.filter(token=token))
    [basket] = baskets_by_token(token=token)

The queryset is the ordinary one, so it says what is asked and SQL follows it, on both databases. It is built at the
first use with a `Slot` in place of each argument, a list of slots for a list of so many; whatever else it reads
(settings, the clock) stays as it was then, so what may change has to be an argument. Prefetching and `known related
objects` are not carried over: a queryset of a relation's manager has to be written as a filter. Lookups that write
their argument into a pattern (`startswith`, `iexact`) take no slot.
"""

from datetime import datetime
from inspect import signature

from django.db import connections, router
from django.db.models import Expression
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError


class Slot(Expression):
    """Where an argument goes, as it is: text, a number, a moment, or what the driver takes."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def resolve_expression(self, *args, **kwargs):
        return self

    def as_sql(self, compiler, connection):
        return "%s", [self]


class CompiledQuery:
    """Called with its arguments by name it returns the list that the queryset would give: rows, or the tuples of a
    `values_list`.

    Raises TransactionManagementError where rows are locked outside a transaction, as the queryset does.
    """

    def __init__(self, build):
        self.build, self.compiled = build, {}
        self.names = list(signature(build).parameters)

    def __call__(self, **values):
        connection = connections[router.db_for_read(None)]
        shape = connection.vendor, *(len(values[name]) for name in self.names if type(values[name]) is list)
        compiled = self.compiled.get(shape)
        if compiled is None:
            queryset = self.build(**{name: make_slots(name, values[name]) for name in self.names})
            kind = CompiledRows if queryset._iterable_class is ModelIterable else CompiledTuples
            compiled = self.compiled[shape] = kind(queryset, connection)
        return compiled.fetch(connection, values)


def make_slots(name, value):
    return [Slot((name, place)) for place in range(len(value))] if type(value) is list else Slot(name)


def fill_slot(name, values, connection):
    value = values[name] if isinstance(name, str) else values[name[0]][name[1]]
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


class CompiledTuples:
    """SQL of one database."""

    def __init__(self, queryset, connection):
        compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self.params = compiler.as_sql()
        self.locks = queryset.query.select_for_update and connection.features.has_select_for_update
        converters = compiler.get_converters([selected[0] for selected in compiler.select])
        self.converters = [(position, *made) for position, made in converters.items()]
        self.note_columns(compiler)

    def note_columns(self, compiler):
        self.count = compiler.col_count

    def fetch(self, connection, values):
        if self.locks and not connection.in_atomic_block:
            raise TransactionManagementError("rows can only be locked in a transaction")
        params = [fill_slot(each.name, values, connection) if type(each) is Slot else each for each in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        return [self.build_object(self.convert(row, connection), connection.alias) for row in rows]

    def convert(self, row, connection):
        if not self.converters:
            return row
        row = list(row)
        for position, functions, expression in self.converters:
            for function in functions:
                row[position] = function(row[position], expression, connection)
        return row

    def build_object(self, row, alias):
        return tuple(row[: self.count])


class CompiledRows(CompiledTuples):
    """And how its rows become objects."""

    def note_columns(self, compiler):
        info = compiler.klass_info
        fields = info["select_fields"]
        self.model, self.own = info["model"], slice(fields[0], fields[-1] + 1)
        self.names = [field[0].target.attname for field in compiler.select[self.own]]
        self.related = get_related_populators(info, compiler.select, compiler.connection.alias)
        self.annotations = list((compiler.annotation_col_map or {}).items())

    def build_object(self, row, alias):
        found = self.model.from_db(alias, self.names, row[self.own])
        for populator in self.related:
            populator.populate(row, found)
        for name, position in self.annotations:
            setattr(found, name, row[position])
        return found
