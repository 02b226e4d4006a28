"""What PostgreSQL reads for the statements of a request: those that read much, and those that sort on disk."""

import json
from contextlib import contextmanager

from django.db import connection

MOST_ROWS = 1000
READS = ("SELECT", "WITH")


class Asked(str):
    """A statement. `setting` is the last that was made for its transaction: SQL and values."""

    setting = None


@contextmanager
def listening():
    """Yields a list that gets (SQL, its values) of every statement meanwhile."""
    asked, setting = [], None

    def keep(execute, sql, values, many, context):
        nonlocal setting
        text = Asked(sql)
        if text.startswith("SET LOCAL"):
            setting = str(text), values
        text.setting = setting
        asked.append((text, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(keep):
        yield asked


def find_long_scans(sql, values, *, most=MOST_ROWS, most_by_index=MOST_ROWS):
    """Sentences about its plan: tables read over so many rows in a row, or through an index, and sorts on disk."""
    for node in list_nodes(sql, values):
        read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        if read > (most if "Seq Scan" in node["Node Type"] else most_by_index) and is_scan(node):
            yield f"{node['Node Type']} over {read:,.0f} rows of {node['Relation Name']}: {shorten(sql)}"
        if node.get("Sort Space Type") == "Disk":
            yield f"sorts {node['Sort Space Used']:,} kB on disk: {shorten(sql)}"


def is_scan(node):
    return "Scan" in node["Node Type"] and bool(node.get("Relation Name"))


def list_nodes(sql, values):
    if not str(sql).lstrip("( ").upper().startswith(READS):
        return []
    with connection.cursor() as cursor:
        if setting := getattr(sql, "setting", None):
            cursor.execute(*setting)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        (explained,) = cursor.fetchone()
    explained = json.loads(explained) if isinstance(explained, str) else explained
    return walk_plan(explained[0]["Plan"])


def walk_plan(node):
    yield node
    for below in node.get("Plans", []):
        yield from walk_plan(below)


def shorten(sql):
    """What it asks of which table; the columns between are no news."""
    start, found, rest = str(sql).partition(" FROM ")
    return f"{start[:40]} … FROM {rest[:160]}" if found else start[:200]
