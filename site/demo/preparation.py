"""Whether `make run` finds the database as it left it: then it need not start Django only to change nothing.

Standard library alone, and of SQLite only: whoever gives a DATABASE_URL has it brought up to date every time.
"""

import hashlib
import sqlite3
from contextlib import closing

APPLIED = "SELECT group_concat(app || '.' || name) FROM (SELECT app, name FROM django_migrations ORDER BY id)"
CONTENT = "SELECT EXISTS (SELECT 1 FROM events_pages_eventpage)"


def is_prepared(root, environment):
    return bool(found := describe_state(root, environment)) and read_note(root) == found


def note_state(root, environment):
    locate_note(root).write_text(describe_state(root, environment))


def read_note(root):
    path = locate_note(root)
    return path.read_text() if path.exists() else ""


def locate_note(root):
    return root / "var" / "demo-prepared"


def describe_state(root, environment):
    """Changes with what the demo is made of, the site's address and the database's own migrations; "" for unknown."""
    database = root / "var" / "db.sqlite3"
    if "DATABASE_URL=" in read_settings(root, environment) or not database.exists():
        return ""
    applied = list_applied(database)
    parts = [applied, read_settings(root, environment), *map(hash_file, list_sources(root))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest() if applied else ""


def list_applied(database):
    """ "" for a database without content."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            [has_content] = connection.execute(CONTENT).fetchone()
            return connection.execute(APPLIED).fetchone()[0] if has_content else ""
        except sqlite3.DatabaseError:
            return ""


def read_settings(root, environment):
    own = [f"{name}={environment[name]}" for name in ("DATABASE_URL", "SITE_URL") if environment.get(name)]
    return "\n".join([*own, (root / ".env").read_text()])


def list_sources(root):
    yield root / "requirements.txt"
    yield from sorted(root.glob("*/migrations/*.py"))
    yield from sorted(root.glob("site/*/migrations/*.py"))
    yield from sorted(path for path in (root / "site" / "demo").rglob("*") if path.suffix in (".py", ".toml", ".webp"))


def hash_file(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
