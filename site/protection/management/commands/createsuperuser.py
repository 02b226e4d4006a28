"""Django's own, except that a password from the environment must be as good as a typed one."""

import os

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError

VARIABLE = "DJANGO_SUPERUSER_PASSWORD"


class Command(createsuperuser.Command):
    def handle(self, *args, **options):
        if not options["interactive"] and VARIABLE in os.environ:
            self.check_variable(options)
        return super().handle(*args, **options)

    def check_variable(self, options):
        """Raises `CommandError` before anybody is created: without a terminal Django takes whatever it is given."""
        name = options[self.UserModel.USERNAME_FIELD] or os.environ.get("DJANGO_SUPERUSER_USERNAME", "")
        email = options.get("email") or os.environ.get("DJANGO_SUPERUSER_EMAIL", "")
        try:
            validate_password(os.environ[VARIABLE], self.UserModel(username=name, email=email))
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
