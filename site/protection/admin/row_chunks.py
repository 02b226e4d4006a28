"""All rows of a list, some hundred at a time, each time from where the last ones ended: no statement sorts them all,
and nothing stays open in the database meanwhile."""

from dataclasses import dataclass

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet

ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class RowOrder:
    """Columns of the rows' own table, the last one unique, all of them forwards or all ("-") backwards."""

    names: tuple
    sign: str

    def after(self, row):
        """The condition for what follows a row."""
        further = "lt" if self.sign else "gt"
        follows, same = Q(), Q()
        for name in self.names:
            value = getattr(row, name)
            follows |= same & Q(**{f"{name}__{further}": value})
            same &= Q(**{name: value})
        first = self.names[0]
        return follows & Q(**{f"{first}__{further}e": getattr(row, first)})


def find_order(rows):
    """None where the rows are in another order, or in none that is certain."""
    wanted = rows.query.order_by or (rows.query.default_ordering and rows.model._meta.ordering) or ()
    if not wanted or not rows.query.standard_ordering or not all(isinstance(name, str) for name in wanted):
        return None
    signs, names = {name[:1] == "-" for name in wanted}, [name.lstrip("-") for name in wanted]
    fields = [_find_column(rows.model, name) for name in names]
    if len(signs) > 1 or None in fields or not fields[-1].unique:
        return None
    return RowOrder(tuple("pk" if field.primary_key else field.name for field in fields), "-" if signs.pop() else "")


def _find_column(model, name):
    try:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    is_own = getattr(field, "column", None) and field.model is model
    return field if is_own and not field.is_relation and not field.null else None


def iterate_rows(rows, own=None):
    """Those that a view has read already, and added to, as they are. `own` is the person's `OwnRows` of a long list."""
    if not isinstance(rows, QuerySet) or rows._result_cache is not None:
        return rows
    order = None if rows.query.is_sliced else find_order(rows)
    return rows.iterator(ROWS_AT_ONCE) if order is None else _iterate_chunks(rows, order, own)


def _iterate_chunks(rows, order, own):
    follows = Q()
    while chunk := _read_chunk(rows.filter(follows), own):
        yield from chunk
        follows = order.after(chunk[-1])


def _read_chunk(rows, own):
    if own is not None and own.can_read(rows):
        return own.read(rows, 0, ROWS_AT_ONCE)
    return list(rows[:ROWS_AT_ONCE])
