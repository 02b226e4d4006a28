"""Paragraphs that were laid out once and are filled with other words; and drawn once, where the words stay the same."""

import re

from ticketing.documents import embedded_fonts, png_pictures
from ticketing.documents.lean_xhtml2pdf import PmlParagraph, getSize, shape_frag_text
from ticketing.documents.page_skeletons import MARK, put_in

NBSP = "\xa0"
FIRM_SPACE = re.compile("(\xa0)")


class Part:
    """A run of one style: the text that it was made from, with marks; None for a line break, a picture or a number of
    pages, which xhtml2pdf tells as an object that knows it later."""

    def __init__(self, frag, text=None):
        self.frag, self.text = frag, text if isinstance(text, str) else None
        self.is_counted = text is not None and self.text is None
        self.breaks_line = bool(getattr(frag, "lineBreak", False))
        self.picture = getattr(frag, "cbDefn", None)

    @property
    def is_plain(self):
        """Only what `fill` does as xhtml2pdf would."""
        frag = self.frag
        if self.is_counted:
            return False
        if self.picture is not None:
            return self.picture.kind == "img" and not frag.link
        is_styled = frag.sub or frag.super or frag.link or getattr(frag, "textTransform", "none") not in ("none", None)
        return not is_styled and frag.whiteSpace == "normal" and len(frag.fontFamilies or ()) < 2


class ParagraphMould:
    def __init__(self, made, parts, forced):
        self.made, self.parts, self.forced = made, parts, forced
        self.marks = "".join(MARK.findall("".join(part.text or "" for part in parts)))
        self.pictures = sum(part.picture is not None for part in parts)
        for part in parts:
            part.frag.leading = getSize(part.frag.leadingSource, part.frag.fontSize) + part.frag.leadingSpace

    @property
    def is_plain(self):
        made, extra = self.made, getattr(self.made, "outline", False) or self.made.keepWithNext
        return type(made) is PmlParagraph and not extra and all(part.is_plain for part in self.parts)

    def fill(self, words, pictures):
        """The paragraph with these words; None where there is nothing to say."""
        frags, stripping, forced = [], True, self.forced
        for part in self.parts:
            if part.text is None:
                frags.append(part.frag if part.picture is None else show_picture(part.frag, next(pictures)))
                stripping = stripping or part.breaks_line
                continue
            for frag in fill_part(part, words, stripping=stripping):
                stripping = stripping and not frag.text
                forced = forced or frag.text == NBSP
                frags.append(frag)
        text = "".join(frag.text for frag in frags)
        if not frags or not (forced or text.strip()):
            return None
        frags.append(frags[-1].clone(text="", pageNumber=False, pageCount=False))
        return copy_paragraph(self.made, text, frags)


def fill_part(part, words, *, stripping):
    """As `pisaContext.addFrag` makes them of a text: spaces in one, firm spaces alone, Arabic letters joined."""
    text = put_in(part.text, words).replace("\xad", "")
    for piece in FIRM_SPACE.split(text) if NBSP in text else (text,):
        if piece != NBSP:
            piece = " ".join(f"x{piece}x".split())[1:-1]
            piece = shape_frag_text(piece, part.frag.fontName) or piece
            if stripping:
                piece = piece.lstrip()
                stripping = not piece
        yield part.frag.clone(text=piece)


def show_picture(frag, uri):
    shown = frag.clone()
    shown.cbDefn = frag.cbDefn.clone(image=DotPicture(uri))
    return shown


class DotPicture:
    """A picture of dots, written into the page itself: a PDF has no smaller way."""

    def __init__(self, uri):
        width, height, dots = png_pictures.read_dots(uri)
        self.code = f"BI /W {width} /H {height} /BPC 1 /CS /G /F /AHx ID\n{dots.hex()}>\nEI"

    def getDrawing(self, width, height):  # noqa: N802 - xhtml2pdf's name
        return None

    def getImage(self):  # noqa: N802 - xhtml2pdf's name
        return self


def copy_paragraph(made, text, frags):
    paragraph = KeptParagraph(text, made.style, frags=frags, dir=made.dir)
    for name in ("outline", "outlineLevel", "outlineOpen", "tocName", "keepWithNext", "autoLeading"):
        setattr(paragraph, name, getattr(made, name))
    return paragraph


class KeptParagraph(PmlParagraph):
    """Breaks its lines once and draws once; after that what it drew is written again, in the same document or, where
    it has only ordinary letters, in any.
    """

    drawing = wrapped = None

    def wrap(self, width, height):
        if self.wrapped == width and "blPara" in self.__dict__:
            return self.width, self.height
        size = super().wrap(width, height)
        self.wrapped = None if self.hasImages else width
        return size

    def draw(self):
        if self.drawing is None:
            start = len(self.canv._code)
            with embedded_fonts.note_letters(self.canv._doc) as letters:
                super().draw()
            self.drawing = self.canv._code[start:], letters
            return
        code, letters = self.drawing
        embedded_fonts.use_letters(self.canv._doc, letters)
        self.canv._code.extend(code)

    @property
    def is_for_any_document(self):
        fonts = {frag.fontName for frag in self.frags if frag.text}
        return embedded_fonts.is_coded_alike(self.text, fonts)
