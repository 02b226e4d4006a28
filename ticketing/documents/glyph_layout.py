"""Text shaping: from characters to glyphs where letters join, stack, reorder or run leftwards."""

import re
from collections import namedtuple
from itertools import groupby
from unicodedata import category

import uharfbuzz
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import ShapeData, ShapedStr
from reportlab.pdfgen.textobject import PDFTextObject

JOINER = "\u200d"
DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
RIGHT_TO_LEFT = "\u0590-\u065f\u066a-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
LEFTWARDS = re.compile(f"[{RIGHT_TO_LEFT}\u200c\u200d]+(?: +[{RIGHT_TO_LEFT}\u200c\u200d]+)*")
"""Words that run right to left: letters and their marks; Arabic numbers do not."""
WORDS = re.compile(" |[^ ]+")
BIDI_CONTROL = re.compile(f"[{DIRECTIONS}]+")
VARIATION_SELECTORS = "".join(map(chr, range(0xFE00, 0xFE10)))
INVISIBLE_CONTROLS = frozenset(
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u034f"
    + VARIATION_SELECTORS
    + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0020, 0xE0080)]))
)
"""Characters that draw nothing themselves."""
SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
FLAG_LETTERS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))  # each half of one

Glyph = namedtuple("Glyph", "face number meaning advance x y width")
"""A glyph of a face, what it means to whoever copies the text (none, one or several characters), and where it stands
against the one before; measures in thousandths of the size."""


class GlyphLine(ShapedStr):
    """A line for reportlab, which reads the places; the family reads the glyphs. The characters only count them."""

    def __new__(cls, glyphs):
        places = [ShapeData(0, glyph.advance, 0, glyph.x, glyph.y, glyph.width) for glyph in glyphs]
        self = super().__new__(cls, "x" * len(glyphs), places)
        self.glyphs = glyphs
        return self


class GlyphTextObject(PDFTextObject):
    """What reportlab writes a line with. Lines reach it in the order in which they are seen, from the left."""

    def _formatText(self, text):  # noqa: N802 - reportlab's name
        font, text = pdfmetrics.getFont(self._fontname), decode_text(text)
        if hasattr(font, "faces_of") and not font.is_ordinary(text):
            text = GlyphLine(list(lay_out_glyphs(text, font, seen=True)))
        return super()._formatText(text)


def decode_text(text):
    return text.decode() if isinstance(text, bytes) else text


def lay_out_glyphs(text, family, *, seen=False):
    """The glyphs of a line from left to right. With `seen`, letters that run leftwards come last letter first."""
    for run, direction in split_by_direction(BIDI_CONTROL.sub("", text), seen):
        runs = split_by_face(run, family.faces_of)
        for face, part in reversed(runs) if direction == "rtl" else runs:
            for glyph in shape_run(face, part, direction):
                # Lines are broken by the width of our own space, whichever face draws it.
                yield glyph._replace(advance=family.space) if glyph.meaning == " " else glyph


def split_by_direction(text, seen):
    start = 0
    for found in LEFTWARDS.finditer(text):
        yield text[start : found.start()], "ltr"
        yield found[0][::-1] if seen else found[0], "rtl"
        start = found.end()
    yield text[start:], "ltr"


def split_by_face(text, faces_of):
    runs = []
    for word in WORDS.findall(text):
        for face, cluster in faces_of(word, runs[-1][0] if runs else None):
            if runs and runs[-1][0] is face:
                runs[-1][1] += cluster
            else:
                runs.append([face, cluster])
    return runs


def split_clusters(text):
    """A letter and what belongs to it: its marks, what a joiner ties to it, the other half of a flag."""
    cluster = ""
    for character in text:
        if cluster and not is_part_of_cluster(character, cluster):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def is_part_of_cluster(character, cluster):
    is_mark = category(character)[0] == "M"
    if is_mark or character in INVISIBLE_CONTROLS or character in SKIN_TONES or cluster[-1] == JOINER:
        return True
    return character in FLAG_LETTERS and cluster in FLAG_LETTERS


def shape_run(face, text, direction):
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS
    uharfbuzz.shape(face.shaper, buffer)
    scale, infos = face.face._pdfScale, buffer.glyph_infos
    meanings = assign_glyph_meanings(infos, text, direction)
    for info, place, meaning in zip(infos, buffer.glyph_positions, meanings, strict=True):
        measures = place.x_advance, place.x_offset, place.y_offset, face.face.hmetrics[info.codepoint][0]
        yield Glyph(face, info.codepoint, meaning, *map(scale, measures))


def assign_glyph_meanings(infos, text, direction):
    """The characters that each glyph stands for: of the characters of a cluster each glyph takes one, the last all
    others.
    """
    step = -1 if direction == "rtl" else 1
    starts = sorted({info.cluster for info in infos})
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    meanings = []
    for start, glyphs in groupby(infos[::step], key=lambda info: info.cluster):
        cluster, last = text[start : ends[start]], len(list(glyphs)) - 1
        meanings += [*(cluster[place : place + 1] for place in range(last)), cluster[last:]]
    return meanings[::step]
