"""The backend that DATABASES names; Django wants this file's name."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django sends SELECT 1 before the first statement of each request. A server that closed a connection, or ended it
    with a message, has left something to read on it; where nothing lies, no question is needed. A network that died
    in silence is noticed by neither: there the first statement fails.
    """

    def is_usable(self):
        if self.connection is None or self.connection.closed:
            return False
        return not self._has_unread() or super().is_usable()

    def _has_unread(self):
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return bool(poll.poll(0))
