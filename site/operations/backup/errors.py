"""Why a backup or a restore did not happen, in words for whoever runs the site."""


class BackupError(Exception):
    """Something refused; nothing was changed unless the words say so."""


class BackupRunning(BackupError):
    """Two at once would only be in each other's way."""


class DamagedBackup(BackupError):
    """A file is missing, cut short or altered."""


class TargetNotEmpty(BackupError):
    """The target holds something that a restore would wipe out."""


class WrongKey(BackupError):
    """The identity does not open this backup, or none was given."""


class NewerVersion(BackupError):
    """Made by a later version than this one."""


class UnsignedBackup(BackupError):
    """Nobody who has this site's SECRET_KEY has signed it."""
