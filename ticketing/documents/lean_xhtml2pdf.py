"""xhtml2pdf without what no ticket or statement has: other PDFs laid under ours, charts, barcodes, SVG.

That is 12 MB of every process that draws a PDF. Whoever draws such a thing takes its module out of the list.
"""

from types import ModuleType

from common.left_out import leaving_out

OTHER_PDFS = ["pypdf", "pypdf.generic", "pypdf.errors"]
DRAWINGS = ["xhtml2pdf.charts", "reportlab.graphics.barcode", "reportlab.graphics.charts.legends"]


class LeftOut(ModuleType):
    """Has every class, none of which can be used."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": refuse_use})


def refuse_use(self, *_args, **_options):
    raise NotImplementedError(f"{type(self).__name__} is left out: see {__name__}")


with leaving_out([*OTHER_PDFS, *DRAWINGS], LeftOut("left_out")), leaving_out(["svglib"], None):
    from xhtml2pdf import default, document, pisa, util
    from xhtml2pdf.builders.printmarks import MarkedCanvas
    from xhtml2pdf.config import resources
    from xhtml2pdf.context import pisaContext
    from xhtml2pdf.util import getSize, shape_frag_text
    from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc, PmlParagraph

__all__ = [
    "MarkedCanvas",
    "PmlBaseDoc",
    "PmlParagraph",
    "default",
    "document",
    "getSize",
    "pisa",
    "pisaContext",
    "resources",
    "shape_frag_text",
    "util",
]
