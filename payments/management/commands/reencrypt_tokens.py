from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from payments.domain.merchants import connection_checks


class Command(BaseCommand):
    help = "Encrypts the stored SumUp tokens with the first of TOKEN_ENCRYPTION_KEYS. Safe to run at any time."

    def handle(self, *args, **options):
        if not settings.TOKEN_ENCRYPTION_KEYS:
            raise CommandError(_("TOKEN_ENCRYPTION_KEYS is not set."))
        rewritten, current, lost = connection_checks.reencrypt_tokens()
        self.stdout.write(
            _("%(rewritten)s accounts re-encrypted, %(current)s were so already.")
            % {"rewritten": rewritten, "current": current}
        )
        if lost:
            self.stderr.write(_("%(lost)s could not be opened: their owners have to connect again.") % {"lost": lost})
