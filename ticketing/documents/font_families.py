"""Font families of the PDFs: our own font for ordinary text, and a fallback font for every script.

A document opens only the fonts that its characters need, and each puts only the glyphs it draws into the document.
"""

import json
import logging
from bisect import bisect_right
from functools import cache
from itertools import groupby
from pathlib import Path
from unicodedata import category, normalize

import uharfbuzz
from anyascii import anyascii
from django.utils.html import escape
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

from ticketing.documents import glyph_layout

FONTS = Path(__file__).parent / "fonts"
FIRST_GLYPH_CODE = 0xF0000  # where glyphs without a character of their own are numbered: Unicode's private plane
SPACE, NOTHING = 0x20, 0
UNKNOWN_MARK = "?"


@cache
def font_coverage():
    """{font file: (first codes, last codes) of its ranges}, in the order in which a character looks for its font."""
    ranges = json.loads((FONTS / "coverage.json").read_text())
    return {file: tuple(zip(*pairs, strict=True)) for file, pairs in ranges.items()}


def has_character(file, character):
    firsts, lasts = font_coverage()[file]
    place = bisect_right(firsts, ord(character)) - 1
    return place >= 0 and ord(character) <= lasts[place]


def has_all_characters(file, text):
    return all(has_character(file, character) for character in text if character not in glyph_layout.INVISIBLE_CONTROLS)


@cache
def known_codes():
    ranges = (range(a, z + 1) for firsts, lasts in font_coverage().values() for a, z in zip(firsts, lasts, strict=True))
    return frozenset(code for each in ranges for code in each) | set(map(ord, glyph_layout.INVISIBLE_CONTROLS))


@cache
def open_font_face(file):
    return Face(file)


class FaceFile(TTFontFace):
    """Reportlab's reading of a font file, with glyphs added that no character stands for."""

    def getCharWidth(self, code):  # noqa: N802 - reportlab's name
        if code < FIRST_GLYPH_CODE:
            return super().getCharWidth(code)
        return self._pdfScale(self.hmetrics[code - FIRST_GLYPH_CODE][0])

    def makeSubset(self, subset):  # noqa: N802 - reportlab's name
        self.charToGlyph |= {code: code - FIRST_GLYPH_CODE for code in subset if code >= FIRST_GLYPH_CODE}
        return super().makeSubset(subset)


class Face(TTFont):
    """One font file, with glyphs that no character stands for, and their meaning for whoever copies the text."""

    def __init__(self, file, name=None):
        super().__init__(name or file, str(FONTS / file), asciiReadable=0, shapable=False)
        self.face.__class__ = FaceFile
        self.face.name = self.face.name.__class__(Path(file).stem.encode())  # cut files share the name of the whole
        self.shaper = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob(self.face._ttf_data)))

    def split_glyphs(self, glyphs, doc):
        state = self._assignState(doc)
        codes = [self.code_of(glyph, state) for glyph in glyphs]
        for subset, run in groupby(codes, key=lambda code: code >> 8):
            yield subset, bytes(code & 0xFF for code in run)

    def code_of(self, glyph, state):
        key = self.key_of(glyph)
        if key not in state.assignments:
            is_plain = isinstance(key, int)
            state.assignments[key] = self.next_code(state, key if is_plain else FIRST_GLYPH_CODE + glyph.number)
            if not is_plain:
                glyph_meanings_of(state)[state.assignments[key]] = glyph.meaning
        return state.assignments[key]

    def key_of(self, glyph):
        """The character alone where the glyph is its plain shape, so that it stands in the document once."""
        if len(glyph.meaning) == 1 and self.face.charToGlyph.get(ord(glyph.meaning)) == glyph.number:
            return ord(glyph.meaning)
        return glyph.number, glyph.meaning

    def next_code(self, state, character):
        """Reportlab's order of codes: in every 256, 0 is no glyph and 32 is the space."""
        code = state.nextCode
        if code & 0xFF == SPACE:
            if code > SPACE:
                state.subsets[code >> 8].append(SPACE)
            code += 1
        if code > SPACE and not code & 0xFF:
            state.subsets.append([NOTHING])
            code += 1
        if code < SPACE:
            state.subsets[0][code] = character
        else:
            state.subsets[code >> 8].append(character)
        state.nextCode = code + 1
        return code

    def addObjects(self, doc):  # noqa: N802 - reportlab's name
        state = self.state[doc]
        super().addObjects(doc)
        for number, subset in enumerate(state.subsets):
            if any(code > 0xFFFF for code in subset):
                font = doc.idToObject["BasicFonts"].dict[f"{state.internalName}+{number}"]
                stream = doc.idToObject[font.ToUnicode.name]
                stream.content = add_glyph_meanings(stream.content, number, subset, glyph_meanings_of(state))


def glyph_meanings_of(state):
    return state.__dict__.setdefault("meanings", {})


def add_glyph_meanings(content, number, subset, meanings):
    """The table from codes to characters. Reportlab's has one short number for each: no emoji, no joined letters."""
    head, _, rest = content.partition("beginbfchar\n")
    _, _, tail = rest.partition("endbfchar")
    rows = [(place, meanings.get((number << 8) + place, chr(code))) for place, code in enumerate(subset)]
    lines = [f"<{place:02X}> <{text.encode('utf-16-be').hex().upper()}>\n" for place, text in rows]
    head = head.rpartition("\n")[0]
    return f"{head}\n{len(lines)} beginbfchar\n{''.join(lines)}endbfchar{tail}"


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
