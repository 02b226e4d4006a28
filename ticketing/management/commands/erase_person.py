from django.core.management.base import BaseCommand, CommandError

from ticketing.domain.privacy import erasure
from ticketing.management.commands.purge_expired_data import describe_certificate


class Command(BaseCommand):
    help = "Erases the person behind an e-mail address; figures stay. Says first what would go, and what has to wait."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")
        parser.add_argument("--yes", action="store_true", help="do it without asking")

    def handle(self, *args, email, dry_run, yes, **options):
        plan = erasure.plan_erasure(email)
        if not plan:
            return self.say_nothing_is_held(email)
        for order in plan.now:
            self.stdout.write(f"{order.reference}: goes")
        for order, why in plan.later:
            self.stdout.write(f"{order.reference}: waits, {why}")
        self.stdout.write(
            f"{len(plan.now)} orders, {plan.tickets} tickets, {plan.baskets} baskets; {len(plan.later)} wait."
        )
        if dry_run:
            return None
        if not yes and input("Erase this person for good? Type yes: ") != "yes":
            raise CommandError("Nothing was erased.", returncode=1)
        self.stdout.write(describe_certificate(erasure.erase_person(email)))
        return None

    def say_nothing_is_held(self, email):
        """Exit code 2 for an address that was never known, so that a typing error is noticed."""
        if certificate := erasure.find_certificate(email):
            self.stdout.write(f"Erased already, on {certificate.at:%d.%m.%Y}: certificate {certificate.pk}.")
            return
        raise CommandError("We hold nothing about this address.", returncode=2)
