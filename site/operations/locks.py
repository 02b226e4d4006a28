"""A lock across processes and machines that share a database; it ends with the process that holds it."""

import fcntl
from contextlib import contextmanager
from hashlib import sha256

from common.env import VAR_DIR


@contextmanager
def exclusive_lock(connection, *, key, name):
    """Yields `take()`, which tries to get the lock and says whether it did. The lock is released after the block.

    On PostgreSQL an advisory lock of a transaction, on a connection of its own: a session's would stay behind in a
    pooler. On SQLite a file, because all who share it are on one disk.
    """
    with _on_server(connection, key) if connection.vendor == "postgresql" else _on_disk(connection, name) as take:
        yield take


@contextmanager
def _on_server(connection, key):
    own = connection.copy(f"{connection.alias}-lock")

    def take():
        own.set_autocommit(False)  # the lock lasts as long as the transaction
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
            is_taken = cursor.fetchone()[0]
        if not is_taken:
            own.rollback()
        return is_taken

    try:
        yield take
    finally:
        own.close()


@contextmanager
def _on_disk(connection, name):
    database = sha256(str(connection.settings_dict["NAME"]).encode()).hexdigest()[:12]
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    with open(VAR_DIR / f"{name}-{database}.lock", "w", encoding="utf-8") as file:

        def take():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield take
