"""Sends a test alert, to see whether it arrives."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments import mail
from payments.domain.monitoring.alerts import NO_RECIPIENT


class Command(BaseCommand):
    help = "Sends a test alert to ALERTS_EMAIL now, the way real ones go. Says where it went, or why it did not."

    def handle(self, **options):
        if not settings.ALERTS_EMAIL:
            raise CommandError(f"Nothing was sent: {NO_RECIPIENT}.")
        try:
            addresses = mail.send_test_alert()
        except mail.NOT_SENT as error:
            raise CommandError(
                f"Not sent to {', '.join(settings.ALERTS_EMAIL)}: {mail.describe_failure(error)}"
            ) from error
        self.stdout.write(f"Sent to {', '.join(addresses)} by {settings.EMAIL_BACKEND}.")
