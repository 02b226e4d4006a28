"""Rows of several models, and the update that they tell of: on PostgreSQL one statement for what takes the ORM four."""

from itertools import groupby

from django.core.exceptions import EmptyResultSet
from django.db import connections, router, transaction
from django.db.models.sql import InsertQuery, UpdateQuery


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
        _insert_by_model(beside)
    return True


def insert_rows(rows):
    """Inserts unsaved rows, those of one model next to each other; they do not learn their ids."""
    connection = connections[router.db_for_write(type(rows[0]))]
    if connection.vendor != "postgresql":
        _insert_by_model(rows)
        return
    inserts = [_compile_insert(connection, list(of_model)) for _model, of_model in groupby(rows, key=type)]
    parts = [f"{head} VALUES {', '.join(f'({line})' for line in lines)}" for head, lines, _cells in inserts]
    with connection.cursor() as cursor:
        cursor.execute(_join_parts([], parts), _list_cells(inserts))


def _insert_by_model(rows):
    for model, of_model in groupby(rows, key=type):
        model.objects.bulk_create(list(of_model))


def _run_one_statement(connection, found, beside, fields):
    query = found.query.chain(UpdateQuery)
    query.add_update_values(fields)
    try:
        update, params = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # no row can be what is asked for
        return False
    inserts = [_compile_insert(connection, [row]) for row in beside]
    parts = [f"{head} SELECT {lines[0]} FROM moved" for head, lines, _cells in inserts]  # noqa: S608
    with connection.cursor() as cursor:
        sql = _join_parts([f"moved AS ({update} RETURNING 1)"], parts)
        cursor.execute(sql, [*params, *_list_cells(inserts)])
        return bool(cursor.rowcount)


def _join_parts(tables, parts):
    """One statement: all parts but the last are tables that nobody reads."""
    tables = [*tables, *(f"written{number} AS ({sql})" for number, sql in enumerate(parts[:-1]))]
    return f"WITH {', '.join(tables)} {parts[-1]}" if tables else parts[-1]


def _list_cells(inserts):
    return [cell for _head, _lines, cells in inserts for cell in cells]


def _compile_insert(connection, rows):
    """(how the statement begins, the places of each row's values, the values)"""
    model = type(rows[0])
    columns = [field for field in model._meta.concrete_fields if not field.primary_key]
    query = InsertQuery(model)
    query.insert_values(columns, rows)
    compiler, lines, cells = query.get_compiler(connection=connection), [], []
    for row in rows:  # one by one: of several at once Django makes arrays
        values = [compiler.prepare_value(field, compiler.pre_save_val(field, row)) for field in columns]
        [places], [of_row] = compiler.assemble_as_sql(columns, [values])
        lines.append(", ".join(places))
        cells += of_row
    names = ", ".join(f'"{field.column}"' for field in columns)
    return f'INSERT INTO "{model._meta.db_table}" ({names})', lines, cells
