"""Names that run from right to left leave what stands beside them in its place."""

import re

import pytest
from django.template import Context, Template

from common.text.direction import isolate_text, reading_direction
from tests.harness import ROOT

NAME = "(?:organiser|merchant|ticket_type|sale|venue|type|category)\\.name|(?:page|event|statement|alert)\\.title"
PLACE = "venue|place|full_address"
OUTSIDE = f"(?:\\w+\\.)*(?:event_title|holder_name|buyer_name|buyer|type_name|sale_name|{PLACE}|{NAME})"
SHOWN = re.compile(rf"\{{\{{ {OUTSIDE}(?:\|[^}}]*)? \}}\}}")
HANDED_ON = re.compile(rf"\w+={OUTSIDE}(?:\|[\w:\"]+)*(?=[ %])")
TRANSLATED = re.compile(r"\{% blocktranslate [^%]*%\}")
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.*")) if path.suffix in (".html", ".txt")]


@pytest.mark.parametrize(
    ("text", "isolated", "direction"),
    [
        ("محمد (2)", "\u2068محمد (2)\u2069", "rtl"),
        ("Ana דוד", "\u2068Ana דוד\u2069", "ltr"),
        ("12 שנים", "\u206812 שנים\u2069", "rtl"),
        ("Ana 李 🎉", "Ana 李 🎉", "ltr"),
        ("12", "12", "ltr"),
        ("", "", "ltr"),
    ],
)
def test_it_works(text, isolated, direction):
    assert isolate_text(text) == isolated
    assert reading_direction(text) == direction


def test_the_filter_escapes_what_was_not_safe():
    shown = Template("{{ name|isolated }}").render(Context({"name": "<b>محمد"}))
    assert shown == "\u2068&lt;b&gt;محمد\u2069"


def test_every_name_in_the_middle_of_a_line_is_isolated():
    """In every template, mail and sentence: so a new one is held to it as well."""
    found = {}
    for path in TEMPLATES:
        text = path.read_text()
        loose = [each[0] for each in SHOWN.finditer(text) if not is_alone(path, text, each)]
        loose += [each for tag in TRANSLATED.findall(text) for each in HANDED_ON.findall(tag)]
        found[path.relative_to(ROOT).as_posix()] = [each for each in loose if "isolated" not in each]
    assert {path: loose for path, loose in found.items() if loose} == {}


def is_alone(path, text, found):
    """A text that fills its element or attribute: the style sheet and the browser see to those; on paper `dir` does."""
    fills = text[found.start() - 1] in '">' and text[found.end()] in '"<'
    told = "pdf" not in path.parts or "direction }" in text[: found.end()].rpartition("<")[2]
    return fills and path.suffix == ".html" and told
