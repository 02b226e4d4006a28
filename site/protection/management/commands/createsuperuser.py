"""Django's own, except that a password from the environment must be as good as a typed one."""

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError

from common import env
from common.text.email_addresses import normalise_email


class Command(createsuperuser.Command):
    def handle(self, *args, **options):
        given = options.get("email") or ("" if options["interactive"] else env.read_text("DJANGO_SUPERUSER_EMAIL", ""))
        options["email"] = normalise_email(given) or None
        password = env.read_text("DJANGO_SUPERUSER_PASSWORD", "")
        if password and not options["interactive"]:
            self.check_password(password, options)
        return super().handle(*args, **options)

    def get_input_data(self, field, message, default=None):
        value = super().get_input_data(field, message, default)
        return normalise_email(value) if value and field.name == self.UserModel.EMAIL_FIELD else value

    def check_password(self, password, options):
        """Raises `CommandError` before anybody is created: without a terminal Django takes any password."""
        name = options[self.UserModel.USERNAME_FIELD] or env.read_text("DJANGO_SUPERUSER_USERNAME", "")
        email = options.get("email") or env.read_text("DJANGO_SUPERUSER_EMAIL", "")
        try:
            validate_password(password, self.UserModel(username=name, email=email))
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
