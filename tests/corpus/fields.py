"""Every kind of field of every form, with all of the corpus, without a request."""

from contextlib import nullcontext

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.db import transaction
from django.http import QueryDict
from wagtail.blocks import FieldBlock
from wagtail.blocks.base import BlockField

from common.forms.text_fields import is_secret_field
from tests.corpus.blocks import leaves_of
from tests.corpus.feeding import form_classes
from tests.corpus.reading import UNREADABLE
from tests.corpus.strings import EVERYTHING


def wrong_fields():
    """(fields, tries, what was wrong)."""
    kinds = {kind_of(field): (form, name, field) for form, name, field in every_field()}
    wrong = [said for each in kinds.values() for text in EVERYTHING if (said := tried(*each, text))]
    return len(kinds), len(kinds) * len(EVERYTHING), wrong


def every_field():
    for form in form_classes():
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, BlockField):
                yield from ((form, leaf, block.field) for leaf, block in fields_of(field.block, name))
            elif not isinstance(field, forms.FileField) and getattr(field, "queryset", "") is not None:
                yield form, name, field


def fields_of(block, name):
    return [(leaf, each) for leaf, each in leaves_of(block, name) if isinstance(each, FieldBlock)]


def kind_of(field):
    """Fields of one kind read alike."""
    checks = tuple(sorted(type(each).__name__ for each in field.validators))
    longest = getattr(field, "max_length", None)
    return type(field), type(field.widget), longest, field.required, checks, getattr(field, "queryset", None) is None


def tried(form, name, field, text):
    data = QueryDict(mutable=True)
    data.setlist(name, [text])
    where = f"{form.__module__}.{form.__name__}.{name}={text[:60]!a}"
    try:
        with transaction.atomic() if hasattr(field, "queryset") else nullcontext():  # only those ask the database
            kept = field.clean(field.widget.value_from_datadict(data, {}, name))
    except BadRequest:  # 400
        return ""
    except ValidationError as error:
        return "" if all(map(str, error.messages)) else f"{where}: refused without a word"
    except Exception as error:  # whatever it is, it would have been an error page
        return f"{where}: {error!r:.200}"
    is_typed = isinstance(kept, str) and isinstance(field, forms.CharField) and not is_secret_field(field)
    return f"{where}: kept {kept[:60]!a}" if is_typed and UNREADABLE.search(kept) else ""
