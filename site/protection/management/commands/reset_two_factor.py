from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from protection.sign_in import second_step


class Command(BaseCommand):
    help = "Takes away somebody's second step of signing in, for a lost telephone, and ends their sessions."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *args, username, **options):
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is nobody called {username}.")
        if not second_step.remove_second_step(user):
            raise CommandError(f"{username} has no second step.")
        self.stdout.write(f"The second step of {username} is removed, and their sessions are ended.")
