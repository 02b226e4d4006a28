"""Queries whose SQL is made once: building a queryset and writing its SQL costs more than PostgreSQL takes to answer.

    baskets_by_token = CompiledQuery(lambda token: Basket.objects.filter(token=token))
    [basket] = baskets_by_token(token=token)

The queryset is the ordinary one, so it says what is asked and SQL follows it, on both databases. It is built at the
first use with a `Slot` in place of each argument; whatever else it reads (settings, the clock) stays as it was then, so
what may change has to be an argument. Prefetching and `known related objects` are not carried over: a queryset of a
relation's manager has to be written as a filter.
"""

from inspect import signature

from django.db import connections, router
from django.db.models import Expression
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError


class Slot(Expression):
    """Where an argument goes, as it is: text, a number, or what the driver takes."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def resolve_expression(self, *args, **kwargs):
        return self

    def as_sql(self, compiler, connection):
        return "%s", [self]


class CompiledQuery:
    """Called with its arguments by name it returns the list that the queryset would give.

    Raises TransactionManagementError where rows are locked outside a transaction, as the queryset does.
    """

    def __init__(self, build):
        self.build, self.compiled = build, {}
        self.names = list(signature(build).parameters)

    def __call__(self, **values):
        connection = connections[router.db_for_read(None)]
        compiled = self.compiled.get(connection.vendor)
        if compiled is None:
            queryset = self.build(**{name: Slot(name) for name in self.names})
            compiled = self.compiled[connection.vendor] = CompiledRows(queryset, connection)
        return compiled.fetch(connection, values)


class CompiledRows:
    """SQL of one database, and how its rows become objects."""

    def __init__(self, queryset, connection):
        compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self.params = compiler.as_sql()
        self.locks = queryset.query.select_for_update and connection.features.has_select_for_update
        fields = compiler.klass_info["select_fields"]
        self.model, self.own = compiler.klass_info["model"], slice(fields[0], fields[-1] + 1)
        self.names = [field[0].target.attname for field in compiler.select[self.own]]
        self.related = get_related_populators(compiler.klass_info, compiler.select, connection.alias)
        self.annotations = list((compiler.annotation_col_map or {}).items())
        converters = compiler.get_converters([selected[0] for selected in compiler.select])
        self.converters = [(position, *made) for position, made in converters.items()]

    def fetch(self, connection, values):
        if self.locks and not connection.in_atomic_block:
            raise TransactionManagementError("rows can only be locked in a transaction")
        params = [values[each.name] if type(each) is Slot else each for each in self.params]
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
        found = self.model.from_db(alias, self.names, row[self.own])
        for populator in self.related:
            populator.populate(row, found)
        for name, position in self.annotations:
            setattr(found, name, row[position])
        return found
