"""Password validators, besides Django's."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST = 128
"""Characters. Nobody types more, and nothing longer is ever hashed."""
FEWEST_DIFFERENT = 5
"""Characters that differ: `aaaaaaaaaaaa` is long, and on no list."""


def is_too_long(password):
    return len(password) > LONGEST


class MaximumLengthValidator:
    def validate(self, password, user=None):
        if is_too_long(password):
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self):
        words = ngettext(
            "Your password may have at most %(count)d character.",
            "Your password may have at most %(count)d characters.",
            LONGEST,
        )
        return words % {"count": LONGEST}


class RepetitionValidator:
    def validate(self, password, user=None):
        if len(set(password)) < FEWEST_DIFFERENT:
            raise ValidationError(
                _("This password repeats very few characters, so it is guessed quickly."), code="password_repeats"
            )

    def get_help_text(self):
        words = ngettext(
            "Your password must have at least %(count)d different character.",
            "Your password must have at least %(count)d different characters.",
            FEWEST_DIFFERENT,
        )
        return words % {"count": FEWEST_DIFFERENT}
