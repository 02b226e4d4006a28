"""Why a backup or a restore did not happen, in words for whoever runs the site."""


class KeepingError(Exception):
    """Something refused; nothing was changed unless the words say so."""


class AlreadyRunning(KeepingError):
    """Two at once would only be in each other's way."""


class NotWhole(KeepingError):
    """A file is missing, cut short or altered."""


class NotEmpty(KeepingError):
    """The target holds something that a restore would wipe out."""


class WrongKey(KeepingError):
    """The identity does not open this backup, or none was given."""


class TooNew(KeepingError):
    """Made by a later version than this one."""


class NotOurs(KeepingError):
    """Nobody who has this site's SECRET_KEY has signed it."""
