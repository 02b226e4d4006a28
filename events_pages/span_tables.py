"""Spans of time as a table of a statement, so that a queryset is planned once and asked for each span: thirteen or
thirty subqueries take PostgreSQL longer to plan than to answer. SQL is Django's, with its values beside it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Expression


class SpanMoment(Expression):
    """For querysets that are asked for each span."""

    def __init__(self, column):
        super().__init__(output_field=DateTimeField())
        self.column = column

    def as_sql(self, compiler, connection):
        return f"span.{self.column}", []


EARLIEST, BEGINS, ENDS = map(SpanMoment, ("earliest", "begins", "ends"))


@dataclass(frozen=True)
class Span:
    """Aware moments. `earliest` is when something may have started that goes on when the span begins."""

    begins: datetime
    ends: datetime
    earliest: datetime = None


def find_filled_spans(spans, querysets):
    """Numbers of the spans in which one of the querysets has a row: the first in its order, because for EXISTS
    PostgreSQL would forget the order and read the table."""
    parts = [rows.values("pk")[:1].query.sql_with_params() for rows in querysets]
    is_filled = " OR ".join(f"({sql}) IS NOT NULL" for sql, _values in parts)
    sql, values = write_table(spans)
    values += [value for _sql, own in parts for value in own]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} SELECT number FROM span WHERE {is_filled}", values)  # noqa: S608
        return {number for (number,) in cursor.fetchall()}


def list_rows_of_spans(spans, rows, most, *columns):
    """Values of these columns, of each span's first rows, `most` of them."""
    chosen, own = rows.values("pk")[:most].query.sql_with_params()
    compiler = rows.model._base_manager.order_by().values_list(*columns).query.get_compiler(connection=connection)
    wanted, _no_values = compiler.as_sql()
    is_chosen = f"= ANY(ARRAY({chosen}))" if connection.vendor == "postgresql" else f"IN ({chosen})"
    sql, values = write_table(spans)
    with connection.cursor() as cursor:
        cursor.execute(f'{sql} {wanted}, span WHERE "{rows.model._meta.db_table}"."id" {is_chosen}', [*values, *own])
        return list(compiler.results_iter([cursor.fetchall()], tuple_expected=True))


def write_table(spans):
    adapt = connection.ops.adapt_datetimefield_value
    lines = ", ".join(f"({number}, %s, %s, %s)" for number in range(len(spans)))
    values = [adapt(each) for span in spans for each in (span.earliest or span.begins, span.begins, span.ends)]
    return f"WITH span (number, earliest, begins, ends) AS (VALUES {lines})", values
