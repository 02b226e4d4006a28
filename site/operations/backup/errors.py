"""Errors of backup and restore, with sentences for whoever runs the site."""


class BackupError(Exception):
    """Nothing was changed unless the words say so."""


class BackupRunning(BackupError):
    """Another backup of this database is being made."""


class DamagedBackup(BackupError):
    """A file is missing, cut short or altered."""


class TargetNotEmpty(BackupError):
    """A restore would delete rows of the target."""


class WrongKey(BackupError):
    """The identity does not decrypt this backup, or none was given."""


class NewerVersion(BackupError):
    """The backup was made by a later version."""


class UnsignedBackup(BackupError):
    """The manifest is not signed with this site's SECRET_KEY."""
