"""Font files inside a PDF: which glyphs, under which codes, and what they mean to whoever copies the text.

The letters of the families' own fonts have the same codes in every document, so that what was drawn for one can be
written into another.
"""

from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import uharfbuzz
from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.ttfonts import FF_NONSYMBOLIC, FF_SYMBOLIC, SUBSETN, TTFont, TTFontFace, makeToUnicodeCMap

from ticketing.documents import font_files

FONTS = Path(__file__).parent / "fonts"
FIRST_GLYPH_CODE = 0xF0000  # where glyphs without a character of their own are numbered: Unicode's private plane
SPACE, NOTHING = 0x20, 0
CODED = {bytes([code]).decode("cp1252", "ignore"): code for code in range(SPACE, 256)}
"""PDF's WinAnsiEncoding: the letters of Western Europe, at the codes that they have there."""
for each in ("", "\x7f", "\xa0", "\xad"):
    del CODED[each]
OWN_FACES = {}


class FaceFile(TTFontFace):
    """Reportlab's reading of a font file, with glyphs added that no character stands for."""

    def getCharWidth(self, code):  # noqa: N802 - reportlab's name
        if code < FIRST_GLYPH_CODE:
            return super().getCharWidth(code)
        return self._pdfScale(self.hmetrics[code - FIRST_GLYPH_CODE][0])

    def makeSubset(self, subset):  # noqa: N802 - reportlab's name
        if isinstance(subset, str):
            return font_files.cut_font(self, subset)
        self.charToGlyph |= {code: code - FIRST_GLYPH_CODE for code in subset if code >= FIRST_GLYPH_CODE}
        return super().makeSubset(subset)


class Face(TTFont):
    """One font file, with glyphs that no character stands for, and their meaning for whoever copies the text. One with
    a name is a family's own, with coded letters.
    """

    def __init__(self, file, name=None):
        super().__init__(name or file, str(FONTS / file), asciiReadable=0, shapable=False)
        self.face.__class__ = FaceFile
        self.face.name = self.face.name.__class__(Path(file).stem.encode())  # cut files share the name of the whole
        self.shaper = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob(self.face._ttf_data)))
        drawn = self.face.charToGlyph
        self.coded = {letter: code for letter, code in CODED.items() if ord(letter) in drawn} if name else {}
        self.letters = frozenset(self.coded)
        if name:
            OWN_FACES[name] = self

    def state_of(self, doc):
        if doc in self.state:
            return self.state[doc]
        state = self._assignState(doc)
        state.meanings, state.used = {}, set()
        if self.coded:
            state.internalName = f"F{self.fontName}"
            doc.fontMapping[self.fontName] = f"/{state.internalName}"
            doc.delayedFonts.append(self)
            state.assignments = {ord(letter): code for letter, code in self.coded.items()}
            state.subsets, state.nextCode = [[]], 256
        return state

    def splitString(self, text, doc, encoding="utf-8"):  # noqa: N802 - reportlab's name
        state, text = self.state_of(doc), text.replace("\xa0", " ")
        if self.letters.issuperset(text):
            state.used.update(text)
            return [(0, text.encode("cp1252"))]
        state.used |= self.letters.intersection(text)
        return super().splitString(text, doc, encoding)

    def split_glyphs(self, glyphs, doc):
        state = self.state_of(doc)
        codes = [self.code_of(glyph, state) for glyph in glyphs]
        for subset, run in groupby(codes, key=lambda code: code >> 8):
            yield subset, bytes(code & 0xFF for code in run)

    def code_of(self, glyph, state):
        key = self.key_of(glyph)
        if key not in state.assignments:
            is_plain = isinstance(key, int)
            state.assignments[key] = self.next_code(state, key if is_plain else FIRST_GLYPH_CODE + glyph.number)
            if not is_plain:
                state.meanings[state.assignments[key]] = glyph.meaning
        elif glyph.meaning in self.letters:
            state.used.add(glyph.meaning)
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

    def getSubsetInternalName(self, subset, doc):  # noqa: N802 - reportlab's name
        self.state_of(doc)
        return super().getSubsetInternalName(subset, doc)

    def addObjects(self, doc):  # noqa: N802 - reportlab's name
        state = self.state_of(doc)
        for number, subset in enumerate(state.subsets):
            is_coded = bool(self.coded) and number == 0
            if is_coded and not state.used:
                continue
            font = pdfdoc.PDFTrueTypeFont()
            font.Name = self.getSubsetInternalName(number, doc)[1:]
            font.BaseFont = f"{SUBSETN(number).decode()}+{bytes(self.face.name).decode()}"
            if is_coded:
                self.describe_coded(font, "".join(sorted(state.used, key=self.coded.get)), doc)
            else:
                self.describe_subset(font, subset, number, state, doc)
            doc.Reference(font, font.Name)
            doc.idToObject["BasicFonts"].dict[font.Name] = font
        del self.state[doc]

    def describe_coded(self, font, letters, doc):
        """Letters whose meaning every reader knows by their codes."""
        widths = {self.coded[letter]: self.face.getCharWidth(ord(letter)) for letter in letters}
        font.FirstChar, font.LastChar = min(widths), max(widths)
        font.Widths = pdfdoc.PDFArray([widths.get(code, 0) for code in range(font.FirstChar, font.LastChar + 1)])
        font.Encoding = "/WinAnsiEncoding"
        font.FontDescriptor = self.face.addSubsetObjects(doc, font.BaseFont, letters)
        described = doc.idToObject[font.FontDescriptor.name].dict
        described["Flags"] = described["Flags"] & ~FF_SYMBOLIC | FF_NONSYMBOLIC

    def describe_subset(self, font, subset, number, state, doc):
        font.FirstChar, font.LastChar = 0, len(subset) - 1
        font.Widths = pdfdoc.PDFArray([self.face.getCharWidth(code) for code in subset])
        table = makeToUnicodeCMap(font.BaseFont, subset)
        if any(code > 0xFFFF for code in subset):
            table = add_glyph_meanings(table, number, subset, state.meanings)
        stream = pdfdoc.PDFStream(content=table, filters=[pdfdoc.PDFZCompress])
        font.ToUnicode = doc.Reference(stream, f"toUnicode:{font.BaseFont}")
        font.FontDescriptor = self.face.addSubsetObjects(doc, font.BaseFont, subset)


def add_glyph_meanings(content, number, subset, meanings):
    """The table from codes to characters. Reportlab's has one short number for each: no emoji, no joined letters."""
    head, _, rest = content.partition("beginbfchar\n")
    _, _, tail = rest.partition("endbfchar")
    rows = [(place, meanings.get((number << 8) + place, chr(code))) for place, code in enumerate(subset)]
    lines = [f"<{place:02X}> <{text.encode('utf-16-be').hex().upper()}>\n" for place, text in rows]
    head = head.rpartition("\n")[0]
    return f"{head}\n{len(lines)} beginbfchar\n{''.join(lines)}endbfchar{tail}"


@contextmanager
def note_letters(doc):
    """Yields what the families' own faces draw meanwhile, {family: its letters}."""
    states = {family: face.state_of(doc) for family, face in OWN_FACES.items()}
    before = {family: state.used for family, state in states.items()}
    letters = {family: set() for family in states}
    for family, state in states.items():
        state.used = letters[family]
    try:
        yield letters
    finally:
        for family, state in states.items():
            state.used = before[family] | letters[family]


def use_letters(doc, letters):
    for family, drawn in letters.items():
        OWN_FACES[family].state_of(doc).used |= drawn


def is_coded_alike(text, families):
    return all(family in OWN_FACES and OWN_FACES[family].letters.issuperset(text) for family in families)
