"""Pages laid out once: they look as if each had been laid out alone, and what is kept of them names nobody."""

import io
from base64 import b64encode

import pypdfium2
import pytest
from django.template.loader import render_to_string
from PIL import Image

from tests import factories
from tests.ticketing.documents.test_font_families import NAMES
from ticketing.documents import page_moulds, pdf, png_pictures
from ticketing.models import Ticket

STYLE = "@page { size: a4 } body { font-family: Text } body, p { display: block } b { font-family: Display }"


def png_in_colour():
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    return f"{png_pictures.DATA_URI}{b64encode(out.getvalue()).decode()}"


def page(body):
    return f"<html><head><title>A ticket</title><style>{STYLE}</style></head><body>{body}</body></html>"


def pictures_of(file):
    return [sheet.render(scale=1).to_pil().tobytes() for sheet in pypdfium2.PdfDocument(io.BytesIO(file))]


@pytest.fixture
def html_of(monkeypatch):
    """The page that an order's PDF is drawn from."""

    def catch(order):
        caught = []
        with monkeypatch.context() as patch:
            patch.setattr(pdf, "render_pdf", caught.append)
            pdf.build_order_pdf(order)
        return caught[0]

    return catch


def test_it_works(db, html_of):
    html = html_of(factories.make_order(quantity=3))
    for _ in range(2):
        assert pictures_of(page_moulds.draw_pages(html)) == pictures_of(pdf.draw_at_once(html))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_in_any_script_looks_as_if_laid_out_alone(db, html_of, name):
    order = factories.make_order(quantity=1)
    Ticket.objects.update(holder_name=name)
    html = html_of(order)
    assert pictures_of(page_moulds.draw_pages(html)) == pictures_of(pdf.draw_at_once(html))


@pytest.mark.parametrize(
    "body",
    [
        "<p>One <b>two</b>, three &amp; four&nbsp;five<br> six</p><p> </p>seven",
        "<p dir='rtl'>שלום Ana</p><p>long-word-" + "x" * 300 + "</p>",
        "<p>a<!-- b -->c</p><p></p><p>&nbsp;</p>",
    ],
)
def test_what_a_mould_repeats_looks_the_same(body):
    html = page(body)
    assert pictures_of(page_moulds.draw_pages(html)) == pictures_of(pdf.draw_at_once(html))


@pytest.mark.parametrize(
    "body",
    [
        "<table><tr><td>One</td></tr></table>",
        '<p><a href="https://example.je/">One</a></p>',
        "<p><sup>One</sup></p>",
        '<p style="text-transform: uppercase">One</p>',
        "<p>a <!-- b > c --> d</p>",
        f'<img src="{png_in_colour()}" width="9" height="9">',
    ],
)
def test_what_a_mould_cannot_repeat_is_laid_out_each_time(body):
    assert page_moulds.draw_pages(page(body)) is None
    assert pictures_of(pdf.render_pdf(page(body)))


def test_a_template_may_change(db, html_of):
    before = html_of(factories.make_order(quantity=1))
    after = before.replace('<p class="mark"', '<p class="when">Mind the step</p><p class="mark"')
    assert after != before
    pictures = [pictures_of(page_moulds.draw_pages(html)) for html in (before, after)]
    assert pictures[0] != pictures[1] == pictures_of(pdf.draw_at_once(after))


def test_nothing_kept_names_anybody(db):
    order = factories.make_order(quantity=1, buyer_name="Ysolde Quérée")
    pdf.build_order_pdf(order)
    kept = [*page_moulds.moulds, *(" ".join(words) for _mould, words in page_moulds.kept_paragraphs)]
    assert any("Sea Shanties" in words for words in kept)
    assert [words for words in kept for own in ("Ysolde", order.reference, "1 of 1") if own in words] == []


def test_what_is_kept_has_an_end():
    for number in range(page_moulds.MOST_KEPT + 9):
        pdf.render_pdf(page(f"<p data-kept>Word {number}</p>"))
    assert len(page_moulds.kept_paragraphs) == page_moulds.MOST_KEPT
    for number in range(page_moulds.MOST_MOULDS + 9):
        pdf.render_pdf(page(f'<p id="a{number}">Word</p>'))
    assert len(page_moulds.moulds) == page_moulds.MOST_MOULDS


def test_the_ticket_s_template_can_be_repeated(db, html_of):
    """Otherwise every ticket would cost what the first does."""
    assert page_moulds.draw_pages(html_of(factories.make_order(quantity=2)))
    assert " data-kept" in render_to_string("pdf/tickets.html", {"tickets": [{}], "order": {}})
