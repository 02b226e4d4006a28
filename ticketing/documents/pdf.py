"""Paper: tickets, the statement of an event, and the QR code. Nothing else imports xhtml2pdf or qrcode."""

import logging
from base64 import b64encode
from io import BytesIO

import qrcode
import reportlab.rl_config
import xhtml2pdf.default
from django.template.loader import render_to_string
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM, QRData
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen import canvas
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

from common import sales_mode
from common.text.writable_text import drop_unwritable
from ticketing.documents import font_families, missing_characters, text_shaping
from ticketing.domain.accounting import gst
from ticketing.domain.admission import ticket_codes
from ticketing.domain.errors import NoTickets
from ticketing.enums import TicketState
from ticketing.models import Ticket

# The same order gives the same bytes, and images are not blown up by a quarter into text.
reportlab.rl_config.invariant = 1
reportlab.rl_config.useA85 = 0
reportlab.rl_config.ttfAsciiReadable = 0  # embeds the letters used, not all of ASCII
logging.getLogger("xhtml2pdf").setLevel(logging.ERROR)

TICKET_COLUMNS = [
    *("number", "code", "holder_name"),
    *(f"line__{name}" for name in ("event_title", "type_name", "sale_name", "venue", "starts_at", "doors_at")),
    *("line__unit_price", "line__quantity", "sale__id"),
    *(f"sale__page__{name}" for name in ("age_limit", "access_notes", "refund_rule", "organiser__name")),
    *(f"sale__page__venue__{name}" for name in ("name", "address", "parish", "postcode", "access_notes")),
]
FONT_FILES = {"text": "Commissioner-Regular.ttf", "display": "Piazzolla-Bold.ttf"}
NO_RESOURCES = ResourceAccessPolicy.server(allow_remote=False, max_resources=5000)  # pictures inside the text only
QR_VERSION = 2  # 25 modules a side: what 38 alphanumeric characters need at level M
QR_MASK = 3  # all eight are allowed; trying each costs more than drawing the page
DOTS = 5  # per module: enough for paper, and a larger picture costs time
QUIET = 4  # modules of white that a scanner needs around the code


def build_order_pdf(order):
    """The order's tickets, one A4 page each, as bytes. Raises `NoTickets` when there are none to show."""
    tickets = list_printable_tickets(order)
    if not tickets:
        raise NoTickets()
    context = {"order": order, "tickets": tickets, "gst": gst.sum_order_gst(order.lines.all())}
    context["is_trial"] = sales_mode.is_trial()
    return render_pdf(render_to_string("pdf/tickets.html", context))


def build_statement_pdf(statement):
    """The statement of an event as bytes."""
    return render_pdf(render_to_string("pdf/statement.html", {"statement": statement, "total": statement.total}))


def list_printable_tickets(order):
    """Tickets that still open a door, with what the page says about them."""
    tickets = (
        Ticket.objects.filter(line__order=order)
        .exclude(state=TicketState.VOID)
        .select_related("line", "sale__page__venue", "sale__page__organiser")
        .only(*TICKET_COLUMNS)
        .order_by("line_id", "number")
    )
    for ticket in tickets:
        ticket.qr = png_uri(ticket_codes.sign_ticket_code(ticket.code))
        ticket.typed = ticket_codes.format_ticket_code(ticket.code)
    return tickets


def render_pdf(html):
    """The PDF of a page. Whatever its text says, it can fetch nothing: no address, no file."""
    out = BytesIO()
    text = missing_characters.replace_missing_characters(drop_unwritable(html))
    pisa.CreatePDF(text, dest=out, default_css=" ", resource_policy=NO_RESOURCES)
    return out.getvalue()


def register_fonts():
    """Reads the ticket's two faces once, instead of by `@font-face` in every document; bold is the display face."""
    canvas.PDFTextObject = text_shaping.GlyphTextObject
    for family, file in FONT_FILES.items():
        pdfmetrics.registerFont(font_families.FontFamily(family, file))
        for bold, italic in ((0, 0), (0, 1), (1, 0), (1, 1)):
            addMapping(family, bold, italic, family)
        xhtml2pdf.default.DEFAULT_FONT[family] = family


register_fonts()


def matrix(text):
    """The code's modules, row by row, True for dark. `text` is QR's alphanumeric set, at most 38 characters."""
    code = qrcode.QRCode(version=QR_VERSION, error_correction=ERROR_CORRECT_M, mask_pattern=QR_MASK, border=0)
    code.add_data(QRData(text, mode=MODE_ALPHA_NUM), optimize=0)
    code.make(fit=False)
    return code.modules


def png_uri(text):
    rows = matrix(text)
    size = len(rows)
    dots = Image.frombytes("L", (size, size), bytes(0 if dark else 255 for row in rows for dark in row))
    out = BytesIO()
    dots.resize((size * DOTS, size * DOTS), Image.Resampling.NEAREST).save(out, "PNG", compress_level=1)
    return f"data:image/png;base64,{b64encode(out.getvalue()).decode()}"


def qr_svg(text):
    """The code as a small SVG with its quiet zone. Always dark on white, also on a dark page."""
    rows = matrix(text)
    side = len(rows) + 2 * QUIET
    path = "".join(run(x, y, length) for y, row in enumerate(rows) for x, length in runs(row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def run(x, y, length):
    return f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z"


def runs(row):
    """Where dark stretches of a row start, and how long they are."""
    start = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None
