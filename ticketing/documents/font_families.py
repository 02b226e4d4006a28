"""Font families of the PDFs: our own font for ordinary text, and a fallback font for every script.

A document opens only the fonts that its characters need, and each puts only the glyphs it draws into the document.
"""

import json
import logging
from bisect import bisect_right
from functools import cache
from itertools import groupby
from unicodedata import category, normalize

from anyascii import anyascii
from django.utils.html import escape

from ticketing.documents import glyph_layout
from ticketing.documents.embedded_fonts import FIRST_GLYPH_CODE as FIRST_GLYPH_CODE
from ticketing.documents.embedded_fonts import FONTS, SPACE, Face

UNKNOWN_MARK = "?"


@cache
def font_coverage():
    """{font file: (first codes, last codes) of its ranges}, in the order in which a character looks for its font."""
    ranges = json.loads((FONTS / "coverage.json").read_text())
    return {file: tuple(zip(*pairs, strict=True)) for file, pairs in ranges.items()}


class CodeSet:
    """Codes by their ranges: as a set of 48,000 numbers they would be 3.5 MB of every process."""

    def __init__(self, firsts, lasts):
        self.firsts, self.lasts = firsts, lasts

    def __contains__(self, code):
        place = bisect_right(self.firsts, code) - 1
        return place >= 0 and code <= self.lasts[place]


def has_character(file, character):
    return ord(character) in CodeSet(*font_coverage()[file])


def has_all_characters(file, text):
    return all(has_character(file, character) for character in text if character not in glyph_layout.INVISIBLE_CONTROLS)


@cache
def known_codes():
    """Of all fonts together, and what draws nothing."""
    ranges = [pair for firsts, lasts in font_coverage().values() for pair in zip(firsts, lasts, strict=True)]
    merged = []
    for first, last in sorted([*ranges, *((ord(each), ord(each)) for each in glyph_layout.INVISIBLE_CONTROLS)]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return CodeSet(*zip(*merged, strict=True))


@cache
def open_font_face(file):
    return Face(file)


class FontFamilyFace:
    """The measures of the family's own font, and the characters of all its fallback fonts."""

    def __init__(self, name, own):
        self.__dict__.update({key: value for key, value in vars(own).items() if key != "charToGlyph"})
        self.name = own.name.__class__(name.encode())

    @property
    def charToGlyph(self):  # noqa: N802 - reportlab's name
        return known_codes()


class FontFamily:
    """What the style sheets of PDFs name. Ordinary text is drawn by the own font as if there were no fallback."""

    _dynamicFont = 1  # noqa: N815 - reportlab's name
    _multiByte = 1  # noqa: N815 - reportlab's name
    shapable = True

    def __init__(self, name, own):
        self.fontName = name
        self.own = Face(own, name)
        self.space = self.own.face.getCharWidth(SPACE)
        self.ordinary = frozenset(map(chr, self.own.face.charToGlyph))
        self.face = FontFamilyFace(name, self.own.face)
        self.encoding = self.own.encoding
        design = own.partition("-")[0]
        self.files = [own, *(file for file in font_coverage() if file.startswith((f"{design}-V", "Noto", "D")))]

    def is_ordinary(self, text):
        return self.ordinary.issuperset(text)

    def faces_of(self, word, before):
        """(font, part) of a word. A space keeps to the font before it, so that a line of another script is one run."""
        if word == " ":
            return [(before if before and SPACE in before.face.charToGlyph else self.own, word)]
        clusters = list(glyph_layout.split_clusters(word))
        whole = None if self.is_of_design(clusters) else self.first_with(word)
        return [(self.face_for(whole or self.file_for(cluster)), cluster) for cluster in clusters]

    def is_of_design(self, clusters):
        return all(any(has_all_characters(file, cluster) for file in self.files[:2]) for cluster in clusters)

    def first_with(self, text):
        return next((file for file in self.files if has_all_characters(file, text)), None)

    def file_for(self, cluster):
        return self.first_with(cluster) or self.first_with(cluster[0]) or self.files[0]

    def face_for(self, file):
        return self.own if file == self.files[0] else open_font_face(file)

    def stringWidth(self, text, size, encoding="utf8"):  # noqa: N802 - reportlab's name
        text = glyph_layout.decode_text(text)
        if self.is_ordinary(text):
            return self.own.stringWidth(text, size, encoding)
        return sum(glyph.advance for glyph in glyph_layout.lay_out_glyphs(text, self)) * size / 1000

    def splitString(self, text, doc, encoding="utf-8"):  # noqa: N802 - reportlab's name
        if not isinstance(text, glyph_layout.GlyphLine):
            return [((self.own, subset), part) for subset, part in self.own.splitString(text, doc)]
        runs = groupby(text.glyphs, key=lambda glyph: glyph.face)
        return [((face, subset), part) for face, run in runs for subset, part in face.split_glyphs(run, doc)]

    def getSubsetInternalName(self, subset, doc):  # noqa: N802 - reportlab's name
        face, number = subset
        return face.getSubsetInternalName(number, doc)


logger = logging.getLogger(__name__)


def replace_missing_characters(html):
    html = normalize("NFC", html)
    unknown = {character for character in set(html) if is_missing_character(character)}
    if not unknown:
        return html
    logger.warning("paper has no shape for %s", ", ".join(sorted(f"U+{ord(character):04X}" for character in unknown)))
    return html.translate({ord(character): escape(substitute_for(character)) for character in unknown})


def is_missing_character(character):
    return ord(character) not in known_codes() and not character.isspace()


def substitute_for(character):
    """A fancy letter's plain one, else how it sounds, else a question mark. What draws nothing is left out."""
    plain = normalize("NFKC", character)
    if plain != character and not any(map(is_missing_character, plain)):
        return plain
    if category(character) in ("Mn", "Me", "Cf", "Cc"):
        return ""
    return anyascii(character) or UNKNOWN_MARK
