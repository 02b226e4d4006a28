"""Text and e-mail fields of every form, ours, Wagtail's and others', read as `common` reads text and addresses.

Django has no setting for it, and no field of ours reaches the forms of Wagtail and of other packages, so
`forms.CharField.to_python`, through which all of them read, is replaced once when the site starts (decision 28).
Secrets are never altered: what is typed as a password must be the same text tomorrow, on another keyboard.
"""

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from wagtail.admin.forms.collections import CollectionViewRestrictionForm
from wagtail.admin.forms.pages import PageViewRestrictionForm
from wagtail.admin.forms.search import SearchForm
from wagtail.admin.rich_text.editors.draftail import DraftailRichTextArea

from common.text import typed_text
from common.text.email_addresses import is_deliverable, normalise_email

LONGEST_LINE = 2_000
"""Characters, where a field of one line says nothing itself."""

MOST_WORDS = 20
"""Of a question: Wagtail's search goes a step deeper for each, and Python has a last step."""

NUL = "\0"  # nobody pastes one: Django refuses it in words

_read_as_django = forms.CharField.to_python
_read_as_wagtail = DraftailRichTextArea.value_from_datadict


def install_text_reading():
    forms.CharField.to_python = read_text_field
    DraftailRichTextArea.value_from_datadict = read_rich_text
    for form in (PageViewRestrictionForm, CollectionViewRestrictionForm):
        form.base_fields["password"].is_secret = True  # a plain box for editors; visitors type it as a password
    forms.EmailField.to_python = read_email
    SearchForm.base_fields["q"].is_question = True  # refused, the list would show every row without a word


def read_text_field(field, value):
    """Raises `ValidationError` for text that arrived damaged, and for a line that is too long."""
    if isinstance(value, str) and getattr(field, "is_question", False):
        value = " ".join(typed_text.tidy_line(value[:LONGEST_LINE]).split()[:MOST_WORDS])
    elif isinstance(value, str) and NUL not in value and not is_secret_field(field):
        if typed_text.is_broken(value):
            raise ValidationError(
                _("A character of this text was lost on its way. Please type it again."), code="broken"
            )
        value = tidy_field_text(field, value)
    return _read_as_django(field, value)


def read_email(field, value):
    """Refuses what no mail server knows, because a mail to it would only be given up later."""
    text = forms.CharField.to_python(field, value)
    if text in field.empty_values or "\0" in text:  # no keyboard has that one: Django's own validator refuses it
        return text
    email = normalise_email(text)
    if not is_deliverable(email):
        raise ValidationError(field.error_messages.get("invalid", validate_email.message), code="invalid")
    return email


def read_rich_text(widget, data, files, name):
    """What the editor's script sends; what it cannot have made is answered by 400."""
    try:
        return _read_as_wagtail(widget, data, files, name)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise BadRequest(f"The field {name} holds no rich text.") from error


def tidy_field_text(field, value):
    if not is_one_line_field(field):
        return typed_text.tidy_text(value)
    if field.max_length is None and len(value) > LONGEST_LINE:
        words = _("This is too long: at most %(most)d characters.") % {"most": LONGEST_LINE}
        raise ValidationError(words, code="max_length")
    return typed_text.tidy_line(value)


def is_secret_field(field):
    return not field.strip or isinstance(field.widget, forms.PasswordInput) or getattr(field, "is_secret", False)


def is_one_line_field(field):
    """A visible box. Hidden fields may carry anything, and the editor of rich text is one of them."""
    return isinstance(field.widget, forms.TextInput)
