"""PDFs: the tickets of an order, and the statement of an event. Nothing else imports xhtml2pdf."""

import logging
from io import BytesIO

import reportlab.rl_config
from django.template.loader import render_to_string
from django.utils import timezone
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen import canvas

from common import sales_mode
from common.statements.compiled_queries import CompiledQuery
from common.text.typed_text import drop_unwritable
from ticketing.documents import font_families, glyph_layout, page_moulds, qr_codes
from ticketing.documents.lean_xhtml2pdf import default, document, pisa, resources, util
from ticketing.domain.accounting import gst
from ticketing.domain.admission import ticket_codes
from ticketing.domain.catalogue import sale_dates
from ticketing.domain.errors import NoTickets
from ticketing.domain.orders import line_dates
from ticketing.enums import TicketState
from ticketing.models import Ticket

# The same order gives the same bytes, and images are not blown up by a quarter into text.
reportlab.rl_config.invariant = 1
reportlab.rl_config.useA85 = 0
reportlab.rl_config.ttfAsciiReadable = 0  # embeds the letters used, not all of ASCII
logging.getLogger("xhtml2pdf").setLevel(logging.ERROR)

FONT_FILES = {"text": "Commissioner-Regular.ttf", "display": "Piazzolla-Bold.ttf"}
# Pictures inside the text only
NO_RESOURCES = resources.ResourceAccessPolicy.server(allow_remote=False, max_resources=5000)


_tickets_of_order = CompiledQuery(
    lambda order: Ticket.objects.filter(line__order=order).exclude(state=TicketState.VOID).order_by("line", "number")
)


def build_order_pdf(order, lines=None):
    """The order's tickets, one A4 page each, as bytes; those to a date that is called off are left out. Raises
    `NoTickets` when there are none to show. `lines` are those of `line_dates.list_lines`, where they are at hand."""
    lines = line_dates.list_lines(order, timezone.now()) if lines is None else lines
    tickets = list_printable_tickets(order, lines)
    if not tickets:
        raise NoTickets()
    context = {"order": order, "tickets": tickets, "gst": gst.sum_order_gst(lines)}
    context["left_out"] = [line for line in line_dates.list_news(lines) if line.date.is_called_off]
    context["is_trial"] = sales_mode.is_trial()
    return render_pdf(render_to_string("pdf/tickets.html", context))


def build_statement_pdf(statement):
    sale_dates.attach_date_words(statement.sales, timezone.now())
    return render_pdf(render_to_string("pdf/statement.html", {"statement": statement, "total": statement.total}))


def list_printable_tickets(order, lines):
    usable = {line.pk: line for line in lines if not line.date.is_called_off}
    tickets = [ticket for ticket in _tickets_of_order(order=order.pk) if ticket.line_id in usable]
    for ticket in tickets:
        ticket.line = usable[ticket.line_id]
        ticket.qr = qr_codes.draw_qr_png_uri(ticket_codes.sign_ticket_code(ticket.code))
        ticket.typed = ticket_codes.format_ticket_code(ticket.code)
    return tickets


def render_pdf(html):
    """The PDF of a page. Whatever its text says, it fetches nothing: no address, no file."""
    text = font_families.replace_missing_characters(drop_unwritable(html))
    with document._RENDER_LOCK, resources.use_policy(NO_RESOURCES), resources.render_budget(NO_RESOURCES):
        return page_moulds.draw_pages(text) or draw_at_once(text)


def draw_at_once(text):
    out = BytesIO()
    pisa.CreatePDF(text, dest=out, default_css=" ", resource_policy=NO_RESOURCES)
    return out.getvalue()


def register_fonts():
    """Reads the two fonts once, instead of by `@font-face` in every document; bold is the display font."""
    canvas.PDFTextObject = glyph_layout.GlyphTextObject
    for family, file in FONT_FILES.items():
        pdfmetrics.registerFont(font_families.FontFamily(family, file))
        for bold, italic in ((0, 0), (0, 1), (1, 0), (1, 1)):
            addMapping(family, bold, italic, family)
        default.DEFAULT_FONT[family] = family
        util._font_coverage[family] = font_families.known_codes()  # else it makes a set of them


register_fonts()
