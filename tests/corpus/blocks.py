"""What a browser sends of the blocks of a page: one of each kind, found by walking their definitions."""

import json

from django import forms
from wagtail.blocks import ChooserBlock, ListBlock, PageChooserBlock, RichTextBlock, StreamBlock, StructBlock

from tests.corpus.forms import Control

KINDS = (
    (forms.URLField, "url"),
    (forms.EmailField, "email"),
    (forms.ChoiceField, "choice"),
    (forms.DateField, "date"),
    (forms.DateTimeField, "date"),
    (forms.TimeField, "date"),
    (forms.IntegerField, "number"),
    (forms.CharField, "text"),
)
VALID = {"url": "https://youtu.be/abc", "email": "ana@example.je", "date": "19:30", "number": "1"}


def leaves_of(block, prefix):
    """(name, block) of each field, (name, text) of all that says how many there are."""
    if isinstance(block, StreamBlock):
        yield f"{prefix}-count", str(len(block.child_blocks))
        for number, (kind, child) in enumerate(block.child_blocks.items()):
            yield from row_of(f"{prefix}-{number}", number, kind, child)
    elif isinstance(block, ListBlock):
        yield f"{prefix}-count", "1"
        yield from row_of(f"{prefix}-0", 0, "item", block.child_block)
    elif isinstance(block, StructBlock):
        for name, child in block.child_blocks.items():
            yield from leaves_of(child, f"{prefix}-{name}")
    else:
        yield prefix, block


def row_of(prefix, number, kind, child):
    yield from {
        f"{prefix}-deleted": "",
        f"{prefix}-order": str(number),
        f"{prefix}-type": kind,
        f"{prefix}-id": "",
    }.items()
    yield from leaves_of(child, f"{prefix}-value")


def filled(name, block, *, rows, value_for):
    if isinstance(block, str):
        return {name: block}
    if isinstance(block, ChooserBlock):
        return {name: chosen(block, rows)}
    control = Control(name, kind_of(block), [])
    control.longest = getattr(getattr(block, "field", None), "max_length", None)
    value = value_for(control) if control.kind else None
    return {name: VALID.get(control.kind, "") if value is None else value}


def chosen(block, rows):
    """A row of the kind that it asks for, where there is one; what may be empty of pages stays empty."""
    if isinstance(block, PageChooserBlock):
        return ""
    return next((str(row.pk) for row in rows.values() if isinstance(row, block.model_class)), "")


def kind_of(block):
    if isinstance(block, RichTextBlock):
        return "rich"
    return next((kind for field, kind in KINDS if isinstance(getattr(block, "field", None), field)), "")


def rich(text):
    """As the editor sends what was typed into it."""
    block = {"key": "a", "text": text, "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
    return json.dumps({"blocks": [block], "entityMap": {}})
