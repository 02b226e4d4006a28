from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from demo import builders, people, takings


class Command(BaseCommand):
    help = "Fills an empty site with Jersey events, users and tickets to buy. A second run changes nothing."

    def handle(self, **options):
        if settings.SUMUP_API_URL == settings.SUMUP_LIVE_URL:
            raise CommandError("The demo is not for a site that takes real money: its passwords are known to all.")
        made = load_content(timezone.now())
        self.stdout.write(f"Demo: {made} new events." if made else "Demo: everything is there.")


@transaction.atomic
def load_content(now):
    """How many event pages were made."""
    builders.make_people()
    home = builders.make_home()
    index = builders.make_pages(home)
    made = builders.make_events(index, timezone.localdate(now))
    for event, page in made:
        for plan, sale in builders.make_sales(event, page, now):
            takings.take_free_tickets(sale, plan.sold)
        builders.make_changes(event, page)
    builders.feature_events(home)
    people.make_users(index)
    return len(made)
