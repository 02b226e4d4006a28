"""Backups: fresh, in the right place, encrypted, and restored in a drill."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import env
from operations.enums import BackupRunKind, BackupRunOutcome
from operations.launch.checks.environment import report_refusal
from operations.launch.registry import amber, green, red, register_check
from operations.models import BackupRun

BACKUP_VALID_FOR = timedelta(hours=26)
DRILL_VALID_FOR = timedelta(days=90)
BUCKET = "s3://"
NETWORK = ("nfs", "cifs", "smb", "9p", "ceph", "glusterfs", "fuse.")


@register_check("backup", gettext_lazy("Fresh backup"))
def check_backup(facts):
    if not settings.BACKUP_TO:
        return red(_("There are no backups."), _("Set BACKUP_TO to a folder elsewhere, or to s3://bucket/prefix."))
    if platform := env.ephemeral_disk_platform(settings.BACKUP_TO):
        return red(
            _("%(platform)s throws the folder of the backups away at every restart.") % {"platform": platform},
            _("Set BACKUP_TO to s3://bucket/prefix."),
        )
    last = BackupRun.objects.filter(kind=BackupRunKind.BACKUP, outcome=BackupRunOutcome.DONE).first()
    if last is None:
        return red(_("There was no backup yet."), _("Run `manage.py backup`."))
    ago = facts.now - (last.finished_at or last.started_at)
    if ago > BACKUP_VALID_FOR:
        return red(
            _("The last good backup is %(count)d hours old.") % {"count": ago.total_seconds() // 3600},
            _("Run `manage.py backup` and read what it says; nightly ones need the worker."),
        )
    words = _("%(rows)d rows and %(files)d files, %(count)d hours ago.")
    return green(words % {"rows": last.rows, "files": last.files, "count": ago.total_seconds() // 3600})


@register_check("backup-place", gettext_lazy("Backups are elsewhere, sealed, and out of reach of strangers"))
def check_backup_place(facts):
    to = settings.BACKUP_TO
    if not to:
        return amber(_("There are no backups."), _("Set BACKUP_TO."))
    if wrong := report_refusal("backup-place"):
        return wrong
    if not settings.BACKUP_RECIPIENT:
        unsealed = red if is_another_machine(to) else amber
        return unsealed(_("Whoever finds a backup can read it."), _("Set BACKUP_RECIPIENT to an age public key."))
    if not to.startswith(BUCKET) and is_on_same_disk(to):
        return amber(_("Backups are on the disk that they are to survive."), _("Use s3://…, or another disk."))
    return green(_("Elsewhere, and only the owner's key opens them."))


@register_check("restore-drill", gettext_lazy("Restore drill"))
def check_restore_drill(facts):
    last = BackupRun.objects.filter(kind=BackupRunKind.DRILL).exclude(outcome=BackupRunOutcome.RUNNING).first()
    todo = _("Run `manage.py drill`.")
    if last is None:
        return red(_("Nobody ever tried to restore a backup."), todo)
    if last.outcome != BackupRunOutcome.DONE or last.lost:
        return red(_("The last drill failed: %(count)d rows differ.") % {"count": last.lost}, todo)
    ago = facts.now - (last.finished_at or last.started_at)
    if ago > DRILL_VALID_FOR:
        return red(_("The last drill was %(count)d days ago.") % {"count": ago.days}, todo)
    return green(
        _("%(rows)d rows restored without a loss, %(count)d days ago.") % {"rows": last.rows, "count": ago.days}
    )


def is_on_same_disk(folder):
    try:
        return Path(folder).stat().st_dev == Path(settings.MEDIA_ROOT).parent.stat().st_dev
    except OSError:
        return False


def is_another_machine(place):
    """A bucket, or a folder on a network file system."""
    return place.startswith(BUCKET) or _kind_of_disk(place).startswith(NETWORK)


def _kind_of_disk(folder):
    """Linux's name for the file system of the closest mount above a folder; "" where there is no such list."""
    folder = Path(folder).resolve()
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    above = [(len(where), kind) for _device, where, kind, *_ in mounts if folder.is_relative_to(where)]
    return max(above, default=(0, ""))[1]
