"""The part of a long list that is one person's, read from an index of what its rows belong to.

Told only which rows fit, a database walks the whole list until it has met fifty of them, or sorts all that fit. Here it
is told the keys, and reads of each no more rows than the page has. Somebody with more than MOST_KEYS has so large a
part of the list that walking it meets their rows.
"""

from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL
from django.db.models.fields.related import ForeignObject
from django.db.models.fields.related_lookups import RelatedIn

from protection.admin.row_chunks import find_order

MOST_KEYS = 3000
OF_KEYS = "FROM unnest(%s::bigint[]) AS own(key), LATERAL ({rows}) AS met({columns})"
NEAREST = "SELECT own.key {of_keys} ORDER BY {order} LIMIT %s"
READ = "SELECT met.* {of_keys} ORDER BY {order} LIMIT %s OFFSET %s"
COUNTED = "SELECT count(*) FROM (SELECT 1 {of_keys} LIMIT %s) AS counted"


@ForeignObject.register_lookup
class OfKeys(RelatedIn):
    lookup_name = "of_keys"


@dataclass(frozen=True)
class KeyIndex:
    """An index of `model` by `key` and the list's `order`, which ends with the id of the list's row. `row` is the path
    to that row where `model` is what hangs on it."""

    model: type
    key: str
    order: tuple = ("pk",)
    row: str = ""


@dataclass(frozen=True)
class OwnRows:
    index: KeyIndex
    keys: tuple

    def narrow(self, rows):
        if not self.index.row:
            return rows.filter(**{f"{self.index.key}__of_keys": self.keys})
        return rows.filter(Exists(self._hanging().filter(**{self.index.row: OuterRef("pk")})))

    def can_read(self, rows):
        """Whether they are in the order of the index, forwards or backwards."""
        order = find_order(rows)
        return connection.vendor == "postgresql" and order is not None and order.names == self.index.order

    def read(self, rows, bottom, top):
        """Those of the list from `bottom` to before `top`."""
        sign, names = find_order(rows).sign, [self._own_name(name) for name in self.index.order]
        found = self._of_one_key(rows).order_by(*(sign + name for name in names)).values_list(*names)
        columns = [f"c{number}" for number in range(len(names))]
        order = ", ".join(f"{column} {'DESC' if sign else 'ASC'}" for column in columns)
        shape = {"columns": ", ".join(columns), "order": order}
        nearest = [key for [key] in _ask(NEAREST, found[:1], self.keys, top, **shape)]
        ids = [row[-1] for row in _ask(READ, found[:top], nearest, top - bottom, bottom, **shape)]
        return list(rows.filter(pk__in=ids))

    def count(self, rows, most):
        found = self._of_one_key(rows).order_by().values_list("pk")
        return sum(number for [number] in _ask(COUNTED, found, self.keys, most, columns="c0"))

    def _hanging(self):
        return self.index.model._base_manager.filter(**{f"{self.index.key}__in": self.keys})

    def _of_one_key(self, rows):
        """Rows of the index, each row of the list once."""
        key = {self.index.key: RawSQL("own.key", ())}
        if not (row := self.index.row):
            return _without_keys(rows).filter(**key)
        earlier = self._hanging().filter(**{row: OuterRef(row), "pk__lt": OuterRef("pk")})
        return self.index.model._base_manager.filter(~Exists(earlier), **key, **{f"{row}__in": rows.order_by()})

    def _own_name(self, name):
        return f"{self.index.row}_id" if self.index.row and name == "pk" else name


def _without_keys(rows):
    """Beside a list of keys PostgreSQL reads those of no single key in the order of their index."""
    rows = rows.all()
    rows.query.where.children = [each for each in rows.query.where.children if not isinstance(each, OfKeys)]
    return rows


def _ask(sql, rows, keys, *limits, **shape):
    try:
        inner, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.format(of_keys=OF_KEYS.format(rows=inner, **shape), **shape), [list(keys), *values, *limits])
        return cursor.fetchall()
