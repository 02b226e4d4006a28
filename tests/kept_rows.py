"""The rows that every test starts from, put back after a test that commits.

Django's own way, `flush`, empties every table and makes permissions and content types anew: a second or two for each
such test. Here PostgreSQL keeps a copy of the tables that have rows, in a schema of its own.
"""

from django.db import connection

SCHEMA = "kept"
TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name
"""
COLUMNS = """
SELECT table_name, string_agg(format('%%I', column_name), ', ' ORDER BY ordinal_position)
FROM information_schema.columns WHERE table_schema = %s AND is_generated = 'NEVER' GROUP BY table_name
"""

NEXT_ID = """
SELECT setval(own, GREATEST(nextval(own), (SELECT max(id) FROM public."{table}")))
FROM pg_get_serial_sequence('public."{table}"', 'id') AS own WHERE own IS NOT NULL
"""


def keep_rows():
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        columns = read_columns(cursor, "public")
        for table in list_filled_tables(cursor):
            cursor.execute(f'CREATE TABLE {SCHEMA}."{table}" AS SELECT {columns[table]} FROM public."{table}"')


def restore_rows():
    with connection.cursor() as cursor:
        columns = read_columns(cursor, SCHEMA)
        statements = ["SET session_replication_role = replica"]  # so that no key is looked up, in whatever order
        statements += [f'DELETE FROM public."{table}"' for table in list_filled_tables(cursor)]
        for table, names in columns.items():
            statements.append(f'INSERT INTO public."{table}" ({names}) SELECT {names} FROM {SCHEMA}."{table}"')
            if names.startswith("id,"):
                statements.append(NEXT_ID.format(table=table))
        cursor.execute(";".join([*statements, "SET session_replication_role = origin"]))


def list_filled_tables(cursor):
    cursor.execute(TABLES)
    tables = [table for (table,) in cursor.fetchall()]
    looks = [f"""SELECT '{table}' WHERE EXISTS (SELECT FROM public."{table}")""" for table in tables]
    cursor.execute(" UNION ALL ".join(looks))
    return [table for (table,) in cursor.fetchall()]


def read_columns(cursor, schema):
    cursor.execute(COLUMNS, [schema])
    return dict(cursor.fetchall())
