"""What people must hear of: each thing once, a critical one at once, the others together. The rows are the queue.

`payments.mail` builds and sends; here are rows and claims only.
"""

import logging

from django.utils import timezone

from payments import tasks
from payments.enums import Severity
from payments.models import Alert

logger = logging.getLogger(__name__)

LEVELS = {Severity.CRITICAL: logging.CRITICAL, Severity.NOTICE: logging.WARNING}


def alert(key, title, *, severity=Severity.NOTICE, text="", path="", to=""):
    """Staff have to know. True if this call said it first; the same `key` is never told twice.

    Writes one row in the caller's transaction. A critical alert is mailed right after commit, a notice in the next
    digest. `path` is where to look on this site, `to` an organiser whom it concerns besides ALERTS_EMAIL. No personal
    data in any of it.
    """
    row = Alert(key=key[:120], severity=severity, title=str(title)[:200], text=str(text), path=path, to=to)
    row.next_attempt_at = timezone.now()
    before = Alert.objects.filter(key=row.key).exists()
    if before:
        return False
    Alert.objects.bulk_create([row], ignore_conflicts=True)
    logger.log(LEVELS[severity], "alert.%s key=%s", severity, row.key)
    if severity == Severity.CRITICAL:
        tasks.send_alerts()
    return True
