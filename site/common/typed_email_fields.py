"""Every field for an e-mail address, ours, Wagtail's and Django's, reads as `common.text.email_addresses` does."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from common.text.email_addresses import is_deliverable, normalise_email


def install_email_reading():
    forms.EmailField.to_python = read_email


def read_email(field, value):
    """Refuses what no mail server knows: a letter to it would only be given up later."""
    text = forms.CharField.to_python(field, value)
    if text in field.empty_values or "\0" in text:  # no keyboard has that one: Django's own validator refuses it
        return text
    email = normalise_email(text)
    if not is_deliverable(email):
        raise ValidationError(field.error_messages.get("invalid", validate_email.message), code="invalid")
    return email
