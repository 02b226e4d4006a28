"""The backend that DATABASES names; Django wants this file's name."""

import select

from django.db.backends.postgresql import base

SET_FOR_SSD = "SET random_page_cost = 1.1"
"""PostgreSQL's own 4 is of disks that turn: some hundred rows by their keys seem dearer to it than the whole table."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django sends SELECT 1 before the first statement of each request. A server that closed a connection, or ended it
    with a message, has left something to read on it; where nothing lies, no question is needed. A network that died
    in silence is noticed by neither: there the first statement fails.
    """

    def init_connection_state(self):
        """A pooler would hand the setting on to whoever comes next: there it is the database's own (`growing.md`)."""
        super().init_connection_state()
        if not self.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
            with self.connection.cursor() as cursor:
                cursor.execute(SET_FOR_SSD)
            if not self.get_autocommit():
                self.connection.commit()

    def is_usable(self):
        if self.connection is None or self.connection.closed:
            return False
        return not self._has_unread() or super().is_usable()

    def _has_unread(self):
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return bool(poll.poll(0))
