from django.core.management.base import BaseCommand
from django.utils import timezone

from ticketing.domain.privacy import erasure, old_rows, retention


class Command(BaseCommand):
    help = (
        "Erases buyers who were kept for long enough after their event; figures stay. Deletes what was written down "
        "long enough ago. Says first what would go."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")
        parser.add_argument("--yes", action="store_true", help="do it without asking")

    def handle(self, *args, dry_run, yes, **options):
        due = retention.plan_purge(timezone.now())
        self.stdout.write(f"{due.orders} orders whose buyer goes; {due.waiting} wait for open money or a decision.")
        self.stdout.write(f"{due.baskets} old baskets that are deleted.")
        rows = {label: number for label, number in old_rows.count_old_rows(timezone.now()).items() if number}
        for label, number in rows.items():
            self.stdout.write(f"{label}: {number if number < old_rows.BATCH else f'{number} or more'}.")
        if dry_run:
            return
        if (due or rows) and not yes and input("Erase them for good? Type yes: ") != "yes":
            self.stdout.write("Nothing was erased.")
            return
        left = erasure.finish_erasure_requests()
        _due, certificate = retention.purge_expired_data()
        old_rows.delete_old_rows()
        self.stdout.write(f"{left} orders of earlier requests erased." if left else "No earlier request was waiting.")
        self.stdout.write(describe_certificate(certificate) if certificate else "Nothing is due.")


def describe_certificate(certificate):
    return (
        f"Certificate {certificate.pk}: {certificate.orders} orders, {certificate.tickets} tickets, "
        f"{certificate.baskets} baskets."
    )
