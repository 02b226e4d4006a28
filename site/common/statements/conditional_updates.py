"""A conditional update with the rows that tell of it: on PostgreSQL one statement does what takes the ORM four."""

from django.core.exceptions import EmptyResultSet
from django.db import connections, transaction
from django.db.models.sql import InsertQuery, UpdateQuery

UPDATE_AND_INSERT = """
WITH moved AS ({update} RETURNING 1){others}
{last}
"""
INSERT = 'INSERT INTO "{table}" ({columns}) SELECT {values} FROM moved'


def update_and_insert(found, beside, **fields):
    """Updates the one row that the queryset may find, and if it is there inserts the unsaved rows `beside`, at least
    one. True if it did: all is written or nothing. The inserted rows do not learn their ids.
    """
    connection = connections[found.db]
    if connection.vendor == "postgresql":
        return _run_one_statement(connection, found, beside, fields)
    with transaction.atomic(savepoint=False):
        if not found.update(**fields):
            return False
        for row in beside:
            type(row).objects.bulk_create([row])
    return True


def _run_one_statement(connection, found, beside, fields):
    query = found.query.chain(UpdateQuery)
    query.add_update_values(fields)
    try:
        update, params = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # no row can be what is asked for
        return False
    inserts = [_compile_insert(connection, row) for row in beside]
    others = "".join(f", written{number} AS ({sql})" for number, (sql, _cells) in enumerate(inserts[:-1]))
    sql = UPDATE_AND_INSERT.format(update=update, others=others, last=inserts[-1][0])
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *(cell for _sql, cells in inserts for cell in cells)])
        return bool(cursor.rowcount)


def _compile_insert(connection, row):
    columns = [field for field in row._meta.concrete_fields if not field.primary_key]
    query = InsertQuery(type(row))
    query.insert_values(columns, [row])
    compiler = query.get_compiler(connection=connection)
    prepared = [compiler.prepare_value(field, compiler.pre_save_val(field, row)) for field in columns]
    [values], [cells] = compiler.assemble_as_sql(columns, [prepared])
    names = ", ".join(f'"{field.column}"' for field in columns)
    return INSERT.format(table=row._meta.db_table, columns=names, values=", ".join(values)), cells
