"""Promises of the stylesheets that a browser would break without a word."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
LETTERS = {"emails", "pdf"}  # read outside the site, under no content policy
TEMPLATES = sorted(t for t in (ROOT / "templates").rglob("*.html") if not LETTERS & set(t.parts))


def test_sheets_stay_small():
    assert sum(sheet.stat().st_size for sheet in SHEETS) < 46 * 1024


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda p: p.name)
def test_every_property_used_is_defined(sheet):
    defined = set(re.findall(r"(--[\w-]+):", (ROOT / "static/css/tokens.css").read_text()))
    own = set(re.findall(r"(--[\w-]+):", sheet.read_text()))
    assert set(re.findall(r"var\((--[\w-]+)", sheet.read_text())) <= defined | own


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda p: p.name)
def test_every_file_named_is_there_and_ours(sheet):
    for url in re.findall(r'url\("?([^")]+)"?\)', sheet.read_text()):
        assert (sheet.parent / url).resolve().is_file(), url


@pytest.mark.parametrize("font", sorted((ROOT / "static/fonts").glob("*.woff2")), ids=lambda p: p.name)
def test_fonts_are_small_and_licensed(font):
    assert font.stat().st_size < 60 * 1024
    assert (font.parent / f"{font.name.split('-')[0]}-OFL.txt").is_file()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_pages_carry_no_inline_style_or_script(template):
    text = template.read_text()
    assert not re.search(r"\sstyle=|<style|\son\w+=", text)
    assert not re.search(r"<script(?![^>]*(?:\ssrc=|application/(?:ld\+)?json))", text)
