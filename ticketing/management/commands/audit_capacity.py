from django.core.management.base import BaseCommand, CommandError

from ticketing.domain.stock import allocation


class Command(BaseCommand):
    help = "Compares the stock counters of every ticket sale and type with the rows that take its seats."

    def add_arguments(self, parser):
        parser.add_argument("--repair", action="store_true", help="set drifting counters to what the rows say")

    def handle(self, *args, repair, **options):
        drifts, oversold = allocation.audit_counters(), allocation.list_oversold()
        for drift in drifts:
            self.stdout.write(str(drift))
        for row in oversold:
            self.stdout.write(f"{row._meta.verbose_name} {row.pk}: OVERSOLD, {row.rows} seats taken")
        left = allocation.repair_counters(drifts) if repair else drifts
        if left or oversold:
            raise CommandError(f"{len(left)} of {len(drifts)} drifts left, {len(oversold)} oversold.", returncode=1)
        self.stdout.write(f"{len(drifts)} repaired." if drifts else "All counters agree with their rows.")
