"""Pages laid out once with their words taken out, and filled with the words of each document.

A page's tags and style sheet make a mould: xhtml2pdf reads them once, with a mark in the place of every text. What a
template writes between the tags is put in for each document, then lines are broken and drawn as always. Blocks marked
`data-kept` say the same to many people: their drawing too is kept, for as long as the words are the same.
"""

from collections import OrderedDict
from copy import copy
from io import BytesIO

from reportlab.platypus.doctemplate import FrameBreak
from reportlab.platypus.flowables import PageBreak, Spacer

from ticketing.documents import compact_files
from ticketing.documents.lean_xhtml2pdf import MarkedCanvas, PmlBaseDoc, default, document, pisaContext
from ticketing.documents.page_skeletons import MARK, list_skeletons, put_in
from ticketing.documents.paragraph_moulds import DotPicture, ParagraphMould, Part

MOST_MOULDS = 64
MOST_KEPT = 512


class MouldContext(pisaContext):
    """xhtml2pdf's reading of a page, with a note of how each paragraph was put together."""

    def __init__(self):
        super().__init__("")
        self.parts, self.moulds = [], {}

    def addFrag(self, text="", frag=None):  # noqa: N802 - xhtml2pdf's name
        count = len(self.fragList)
        super().addFrag(text, frag)
        self.parts += [Part(made, text if text else None) for made in self.fragList[count:]]

    def addPara(self, *, force=False):  # noqa: N802 - xhtml2pdf's name
        count, forced, frags = len(self.story), force or self.force, list(self.fragList)
        known = {id(part.frag): part for part in self.parts}
        unusual = self.image or self.pendingBullet or self.fragAnchor or self.fragBlock.bulletText
        super().addPara(force=force)
        if len(self.story) > count and not unusual:
            parts = [known.get(id(frag)) or Part(frag) for frag in frags]
            self.moulds[id(self.story[-1])] = ParagraphMould(self.story[-1], parts, forced)
        self.parts = []


class PageMould:
    """What one skeleton becomes: flowables, of which paragraphs are filled, and the page's template."""

    def __init__(self, skeleton):
        context = document.pisaStory(str(skeleton), default_css=" ", context=MouldContext())
        self.pieces = [context.moulds.get(id(each), each) for each in context.story]
        self.paragraphs = [each for each in self.pieces if isinstance(each, ParagraphMould)]
        for each in self.paragraphs:
            each.is_kept = bool(each.marks) and not each.pictures and skeleton.kept.issuperset(each.marks)
        self.meta, self.page_size, self.language = context.meta, context.pageSize, context.lang_tag
        self.templates = context.templateList
        self.is_whole = not context.multiBuild and not context.positioned and self.has_all_of(skeleton)

    def has_all_of(self, skeleton):
        """Every word has its place, and there is nothing that a mould cannot repeat."""
        marks = MARK.findall(self.meta["title"] + "".join(each.marks for each in self.paragraphs))
        others = [each for each in self.pieces if not isinstance(each, ParagraphMould)]
        return (
            sorted(marks) == MARK.findall(str(skeleton))
            and sum(each.pictures for each in self.paragraphs) == len(skeleton.pictures)
            and all(type(each) in (type(FrameBreak), Spacer) for each in others)
            and all(each.is_plain for each in self.paragraphs)
            and list(self.templates) == [default.DEFAULT_PAGE_NAME]
            and not self.templates[default.DEFAULT_PAGE_NAME].pisaStaticList
        )

    def fill(self, skeleton, drawn):
        """The page's flowables. `drawn` holds the paragraphs of the same document, to be used again."""
        pictures = iter(skeleton.pictures)
        for piece in self.pieces:
            if not isinstance(piece, ParagraphMould):
                yield piece
            elif paragraph := find_paragraph(piece, skeleton.words, pictures, drawn):
                yield paragraph

    def make_template(self):
        """A template counts its pages and a frame what is in it, so each document has its own."""
        template = copy(self.templates[default.DEFAULT_PAGE_NAME])
        template.frames = [copy(frame) for frame in template.frames]
        return template


def find_paragraph(mould, words, pictures, drawn):
    if mould.pictures:
        return mould.fill(words, pictures)
    key = mould, tuple(put_in(mark, words) for mark in mould.marks)
    found = kept_paragraphs.find(key) or drawn.get(key)
    if found is None:
        found = drawn[key] = mould.fill(words, pictures)
        if found and mould.is_kept and found.is_for_any_document:
            kept_paragraphs.keep(key, found)
    return found


class Recent(OrderedDict):
    """What was used last, up to a number."""

    def __init__(self, most):
        super().__init__()
        self.most = most

    def find(self, key):
        if key in self:
            self.move_to_end(key)
            return self[key]
        return None

    def keep(self, key, value):
        self[key] = value
        if len(self) > self.most:
            self.popitem(last=False)


moulds, kept_paragraphs = Recent(MOST_MOULDS), Recent(MOST_KEPT)


def find_mould(skeleton):
    key = str(skeleton)
    mould = moulds.find(key)
    if mould is None:
        mould = PageMould(skeleton)
        moulds.keep(key, mould)
    return mould


class MouldCanvas(MarkedCanvas):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._doc.__class__ = compact_files.CompactDocument

    def drawImage(self, image, x, y, width=None, height=None, **options):  # noqa: N802 - reportlab's name
        if not isinstance(image, DotPicture):
            return super().drawImage(image, x, y, width, height, **options)
        self._code.append(f"q {width:.4f} 0 0 {height:.4f} {x:.4f} {y:.4f} cm {image.code} Q")
        return width, height


class MouldDocument(PmlBaseDoc):
    def _makeCanvas(self, filename=None, canvasmaker=None):  # noqa: N802 - reportlab's name
        return super()._makeCanvas(filename, MouldCanvas)


def draw_pages(html):
    """The PDF of a page of HTML with as many sheets as it has `pdf:nextpage`; None if a mould cannot repeat it. Each
    sheet is laid out as if it stood alone."""
    skeletons = list_skeletons(html)
    if skeletons is None:
        return None
    pages = [(find_mould(each), each) for each in skeletons]
    if not all(mould.is_whole for mould, _skeleton in pages):
        return None
    story, drawn = [], {}
    for mould, skeleton in pages:
        story += [PageBreak()] if story else []
        story += mould.fill(skeleton, drawn)
    return build_document(*pages[0], story)


def build_document(mould, skeleton, story):
    out, meta = BytesIO(), mould.meta
    doc = MouldDocument(
        out,
        pagesize=mould.page_size,
        author=meta["author"].strip(),
        subject=meta["subject"].strip(),
        title=put_in(meta["title"], skeleton.words).strip(),
        lang=mould.language or None,
        pageTemplates=[mould.make_template()],
    )
    doc.pisaPositioned = []
    doc.build(story)
    return out.getvalue()
