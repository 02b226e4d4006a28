"""What the busiest form writes, in SQL: PostgreSQL does in one statement what takes the ORM two or three.

Only for PostgreSQL; elsewhere, and wherever something is refused, the ORM's own statements do the same one by one.
`tests/ticketing/models/test_seat_statements.py` compares them.
"""

from django.db import connection

from ticketing.models.baskets import Basket, BasketLine

# The types are changed by way of the sale's row, so its lock comes first.
TAKE_SEATS = """
WITH sale AS (
  UPDATE ticketing_eventsale SET allocated = allocated + %s
  WHERE id = %s AND NOT takes_date_seats AND capacity >= allocated + %s
  RETURNING id, allocated, capacity
), taken AS (
  UPDATE ticketing_tickettype AS kind SET allocated = kind.allocated + wanted.number
  FROM sale, (VALUES {wanted}) AS wanted (id, number)
  WHERE kind.id = wanted.id AND kind.sale_id = sale.id
    AND (kind."limit" IS NULL OR kind."limit" >= kind.allocated + wanted.number)
  RETURNING kind.id, kind.allocated, kind."limit"
)
SELECT taken.id, taken.allocated, taken."limit", sale.allocated, sale.capacity FROM sale LEFT JOIN taken ON true
"""

INSERT_BASKET = """
WITH made AS (INSERT INTO ticketing_basket ({basket}) VALUES ({basket_values}) RETURNING id)
INSERT INTO ticketing_basketline (basket_id, {line})
SELECT made.id, wanted.* FROM made, (VALUES {lines}) AS wanted ({line}) RETURNING basket_id
"""
BASKET_FIELDS = [field for field in Basket._meta.concrete_fields if not field.primary_key]
LINE_FIELDS = [field for field in BasketLine._meta.concrete_fields if not field.primary_key and field.name != "basket"]


def is_supported():
    return connection.vendor == "postgresql"


def take_seats(sale_id, quantities):
    """[(type id, allocated, limit, allocated of the sale, its capacity)] after the change, a row for each type that had
    room; the type is None where the sale had room and no type had; [] when nothing was changed."""
    seats, wanted = sum(quantities.values()), [word for pair in quantities.items() for word in pair]
    sql = TAKE_SEATS.format(wanted=", ".join(["(%s, %s)"] * len(quantities)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [seats, sale_id, seats, *wanted])
        return cursor.fetchall()


def insert_basket(basket, lines):
    """Writes an unsaved basket with its unsaved lines, at least one."""
    cells = [value for line in lines for value in list_values(LINE_FIELDS, line)]
    row = f"({', '.join(f'%s::{field.db_type(connection)}' for field in LINE_FIELDS)})"
    sql = INSERT_BASKET.format(
        basket=list_columns(BASKET_FIELDS),
        basket_values=", ".join(["%s"] * len(BASKET_FIELDS)),
        line=list_columns(LINE_FIELDS),
        lines=", ".join([row] * len(lines)),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*list_values(BASKET_FIELDS, basket), *cells])
        basket.pk = cursor.fetchone()[0]
    basket._state.adding = False


def list_columns(fields):
    return ", ".join(f'"{field.column}"' for field in fields)


def list_values(fields, row):
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
