"""From characters to glyphs where that is more than one for one: letters that join, stack, reorder or run leftwards."""

import re
from collections import namedtuple
from unicodedata import category

import uharfbuzz
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import ShapeData, ShapedStr
from reportlab.pdfgen.textobject import PDFTextObject

JOINER = "\u200d"
DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
LEFTWARDS = re.compile("[\u0590-\u065f\u066a-\u06ef\u06fa-\u08ff\u200c\u200d\ufb1d-\ufdff\ufe70-\ufefc]+")
"""Letters that run right to left, and their marks; Arabic numbers do not."""
BIDI_CONTROL = re.compile(f"[{DIRECTIONS}]+")
SELECTORS = "".join(map(chr, range(0xFE00, 0xFE10)))
STEERING = frozenset("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u034f" + SELECTORS) | frozenset(
    map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0020, 0xE0080)])
)
"""Characters that draw nothing themselves."""
SKINS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
FLAGS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))  # each half of one

Glyph = namedtuple("Glyph", "face number meaning advance x y width")
"""A glyph of a face, what it means to whoever copies the text (none, one or several characters), and where it stands
against the one before; measures in thousandths of the size."""


class Lettered(ShapedStr):
    """A line for reportlab: it reads the places, and the family has the glyphs. The characters count them only."""

    def __new__(cls, glyphs):
        places = [ShapeData(0, glyph.advance, 0, glyph.x, glyph.y, glyph.width) for glyph in glyphs]
        self = super().__new__(cls, "x" * len(glyphs), places)
        self.glyphs = glyphs
        return self


class LetteredText(PDFTextObject):
    """What reportlab writes a line with. Lines reach it in the order in which they are seen, from the left."""

    def _formatText(self, text):
        font = pdfmetrics.getFont(self._fontname)
        if hasattr(font, "face_of") and not font.is_ordinary(text):
            text = Lettered(list(lay_out(text, font.face_of, seen=True)))
        return super()._formatText(text)


def lay_out(text, face_of, *, seen=False):
    """The glyphs of a line from left to right. With `seen`, letters that run leftwards come last letter first."""
    text = BIDI_CONTROL.sub("", text)
    start = 0
    for found in LEFTWARDS.finditer(text):
        yield from lay_out_run(text[start : found.start()], face_of, "ltr")
        yield from lay_out_run(found[0][::-1] if seen else found[0], face_of, "rtl")
        start = found.end()
    yield from lay_out_run(text[start:], face_of, "ltr")


def lay_out_run(text, face_of, direction):
    runs = runs_by_face(text, face_of)
    for face, run in reversed(runs) if direction == "rtl" else runs:
        yield from shape_run(face, run, direction)


def runs_by_face(text, face_of):
    """[face, text] as long as the face stays the same."""
    runs = []
    for cluster in clusters_of(text):
        face = face_of(cluster)
        if runs and runs[-1][0] is face:
            runs[-1][1] += cluster
        else:
            runs.append([face, cluster])
    return runs


def clusters_of(text):
    """A letter and what belongs to it: its marks, what a joiner ties to it, the other half of a flag."""
    cluster = ""
    for character in text:
        if cluster and not belongs_to(character, cluster):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def belongs_to(character, cluster):
    if character in STEERING or character in SKINS or category(character)[0] == "M" or cluster[-1] == JOINER:
        return True
    return character in FLAGS and cluster in FLAGS


def shape_run(face, text, direction):
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    uharfbuzz.shape(face.shaper, buffer)
    scale, ends = face.face._pdfScale, cluster_ends(buffer.glyph_infos, len(text))
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        meaning = text[info.cluster : ends.pop(info.cluster, info.cluster)]
        width = scale(face.face.hmetrics[info.codepoint][0])
        yield Glyph(face, info.codepoint, meaning, *map(scale, (place.x_advance, place.x_offset, place.y_offset)), width)


def cluster_ends(infos, length):
    """{where a cluster starts: where it ends}. The first of its glyphs takes its meaning, the others none."""
    starts = sorted({info.cluster for info in infos})
    return dict(zip(starts, [*starts[1:], length], strict=True))
