from django.core.management.base import BaseCommand, CommandError

from operations import migration_safety


class Command(BaseCommand):
    help = "Refuses migrations that old code, still running beside the new, would not survive. Needs no database."
    requires_system_checks = ()

    def handle(self, **options):
        if found := migration_safety.list_unsafe_operations():
            raise CommandError("\n".join(found))
        self.stdout.write("Old and new code can run side by side on these migrations.")
