"""What a purchase writes, in SQL: PostgreSQL does in one statement what takes the ORM two or three.

Taking seats and writing rows with the rows below them are for PostgreSQL alone; elsewhere, and wherever something is
refused, the ORM's own statements do the same one by one. `tests/ticketing/models/test_seat_statements.py` compares
them.
"""

from functools import cache

from django.db import connection

from ticketing.models.sales import EventSale, TicketType

# The types are changed by way of the sale's row, so its lock comes first.
TAKE_SEATS = """
WITH sale AS (
  UPDATE ticketing_eventsale SET allocated = allocated + %s
  WHERE id = %s AND NOT takes_date_seats AND capacity >= allocated + %s
  RETURNING {sale}
), taken AS (
  UPDATE ticketing_tickettype AS kind SET allocated = kind.allocated + wanted.number
  FROM sale, (VALUES {wanted}) AS wanted (id, number)
  WHERE kind.id = wanted.id AND kind.sale_id = sale.id
    AND (kind."limit" IS NULL OR kind."limit" >= kind.allocated + wanted.number)
  RETURNING {kind}
)
SELECT sale.*, taken.* FROM sale LEFT JOIN taken ON true
"""

INSERT_TOGETHER = """
WITH made AS (INSERT INTO {parent} ({parent_columns}) VALUES ({parent_values}) RETURNING id)
INSERT INTO {child} ({link}, {child_columns})
SELECT made.id, wanted.* FROM made, (VALUES {rows}) AS wanted ({child_columns}) RETURNING {link}, id
"""

# By id, as every lock of lines is taken.
CLAIM_LINES = """
DELETE FROM ticketing_basketline WHERE id IN (
  SELECT id FROM ticketing_basketline WHERE basket_id = %s ORDER BY id {lock}
) AND (id, quantity, expires_at) IN (VALUES {lines})
"""


def is_supported():
    return connection.vendor == "postgresql"


def take_seats(sale_id, quantities):
    """(the sale, the types that had room) as they are after the change; all its types share the sale. (None, []) when
    the sale had no room, and nothing was changed."""
    seats, wanted = sum(quantities.values()), [word for pair in quantities.items() for word in pair]
    sql = TAKE_SEATS.format(
        wanted=", ".join(["(%s, %s)"] * len(quantities)),
        sale=list_columns(EventSale._meta.concrete_fields),
        kind=", ".join(f'kind."{field.column}"' for field in TicketType._meta.concrete_fields),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [seats, sale_id, seats, *wanted])
        rows = cursor.fetchall()
    return read_taken(rows)


def read_taken(rows):
    if not rows:
        return None, []
    own = len(EventSale._meta.concrete_fields)
    sale = build_row(EventSale, rows[0][:own])
    types = [build_row(TicketType, row[own:]) for row in rows if row[own] is not None]
    for kind in types:
        kind.sale = sale
    return sale, types


def build_row(model, values):
    return model.from_db(connection.alias, [field.attname for field in model._meta.concrete_fields], values)


def insert_together(parent, children, *, link):
    """Writes an unsaved row and unsaved rows below it, at least one, whose field `link` points to it."""
    fields = list_own_fields(type(parent))
    below = [field for field in list_own_fields(type(children[0])) if field.name != link]
    above = list_values(fields, parent)  # first: the rows below may read what it is given when it is written
    cells = [value for child in children for value in list_values(below, child)]
    row = cast_row(type(children[0]), link)
    sql = INSERT_TOGETHER.format(
        parent=parent._meta.db_table,
        parent_columns=list_columns(fields),
        parent_values=", ".join(["%s"] * len(fields)),
        child=children[0]._meta.db_table,
        link=f'"{children[0]._meta.get_field(link).column}"',
        child_columns=list_columns(below),
        rows=", ".join([row] * len(children)),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*above, *cells])
        keys = cursor.fetchall()
    parent.pk, parent._state.adding = keys[0][0], False
    for child, (_parent, pk) in zip(children, keys, strict=True):
        setattr(child, link, parent)
        child.pk, child._state.adding = pk, False


def claim_lines(basket_id, lines):
    """Deletes these lines of a basket if all of them are as they were read; True for the one call that did.

    Where only some are, the caller's transaction must roll back.
    """
    adapt = connection.ops.adapt_datetimefield_value
    cells = [cell for line in lines for cell in (line.pk, line.quantity, adapt(line.expires_at))]
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    sql = CLAIM_LINES.format(lock=lock, lines=", ".join(["(%s, %s, %s)"] * len(lines)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [basket_id, *cells])
        return cursor.rowcount == len(lines)


@cache
def cast_row(model, link):
    """A line of VALUES, whose types PostgreSQL would guess; on PostgreSQL alone."""
    types = (field.db_type(connection) for field in list_own_fields(model) if field.name != link)
    return f"({', '.join(f'%s::{each}' for each in types)})"


def list_own_fields(model):
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def list_columns(fields):
    return ", ".join(f'"{field.column}"' for field in fields)


def list_values(fields, row):
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
