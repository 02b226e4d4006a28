import logging

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo import takings


class Command(BaseCommand):
    help = "Buys and refunds a few tickets of the demo at the running simulator. A second run changes nothing."
    requires_system_checks = []

    def handle(self, **options):
        if settings.SUMUP_API_URL == settings.SUMUP_LIVE_URL:
            raise CommandError("The demo is not for a site that takes real money.")
        logging.disable(logging.CRITICAL)
        try:
            made = takings.make_takings()
        except (takings.NotTaken, OSError) as error:
            raise CommandError(f"The demo's sales were not finished: {error}") from error
        self.stdout.write(f"Demo: {made} more orders, paid and refunded." if made else "Demo: everything is sold.")
