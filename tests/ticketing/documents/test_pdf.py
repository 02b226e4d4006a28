"""The ticket as paper: all the facts, one page each, a code that scans, and nothing fetched."""

import io
import re
from datetime import UTC, datetime, timedelta

import pypdf
import pypdfium2
import pytest
import zxingcpp
from django.conf import settings
from PIL import Image

from events_pages.dates import edits
from events_pages.enums import PerformanceStatus
from tests import factories
from ticketing.documents import pdf, qr_codes
from ticketing.domain.admission import ticket_codes
from ticketing.domain.errors import NoTickets
from ticketing.enums import OrderState, TicketState
from ticketing.models import Ticket

EVENING = datetime(2027, 7, 14, 18, 30, tzinfo=UTC)
CODE = "JE1.7K2M9QXT4HBDW3RP.A7K2M9QXT4HBDW3RP"


def pages_of(file):
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(file)).pages]


def scan(page, *, dpi=150):
    [barcode] = zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil())
    return barcode.text


@pytest.fixture
def order(db):
    return factories.make_order()


def test_it_works(order):
    first, second = pages_of(pdf.build_order_pdf(order))
    for fact in ("Sea Shanties", "Opera House, St Helier", "Adult, £12.00", "Ana Le Brocq", order.reference, "1 of 2"):
        assert fact in first
    assert "2 of 2" in second


@pytest.mark.parametrize("dpi", [72, 150, 300])
def test_every_page_has_its_own_code_that_scans(order, dpi):
    document = pypdfium2.PdfDocument(pdf.build_order_pdf(order))
    signed = [ticket_codes.sign_ticket_code(ticket.code) for ticket in Ticket.objects.order_by("number")]
    assert [scan(page, dpi=dpi) for page in document] == signed


def test_the_code_is_large_enough_for_cheap_scanners(order):
    [page] = list(pypdfium2.PdfDocument(pdf.build_order_pdf(order)))[:1]
    [image] = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
    left, bottom, right, top = image.get_bounds()
    assert min(right - left, top - bottom) / 72 * 25.4 >= 30


def test_times_are_the_island_s(db):
    order = factories.make_order(factories.make_type(factories.make_sale(starts_at=EVENING)))
    assert "Wednesday 14 July 2027 Starts 19:30" in pages_of(pdf.build_order_pdf(order))[0]


def test_names_of_the_world_are_printed(db, caplog):
    names = [
        "Zoë Façade-Ação",
        "Łukasz Őş Ščerba",
        "Ελένη Παπαδοπούλου",
        "Иван Чехов",
        "Nguyễn Thị Hồng",
        "李小龙",
        "Ana 🎉",
    ]
    names += ["محمد بن عبد الله", "สมชาย", "हिन्दी"]
    order = factories.make_order(quantity=len(names))
    for ticket, name in zip(Ticket.objects.order_by("number"), names, strict=True):
        Ticket.objects.filter(pk=ticket.pk).update(holder_name=name)
    pages = pages_of(pdf.build_order_pdf(order))
    assert [name for name, page in zip(names, pages, strict=True) if name not in page] == []
    assert not caplog.records


def test_a_name_that_runs_leftwards_leaves_the_price_where_it_is(db):
    kind = factories.make_type(name="بالغ (1)")
    [page] = pypdfium2.PdfDocument(pdf.build_order_pdf(factories.make_order(kind, quantity=1)))
    text = page.get_textpage()
    place = text.get_text_range().index
    left, _, right, _ = map(list, zip(*(text.get_charbox(place(each)) for each in ("1)", "ب", "£")), strict=True))
    assert left == sorted(left)
    assert max(right[:2]) < left[2]


@pytest.mark.parametrize(
    "markup",
    [
        f'<img src="{settings.BASE_DIR}/static/img/secret.png">',
        '<img src="http://127.0.0.1:9/x.png">',
        "<pdf:include src=file:///etc/passwd>",
        "</p><style>@import url(/etc/passwd)</style>",
    ],
)
def test_markup_in_a_name_is_only_text(db, markup):
    order = factories.make_order(quantity=1, buyer_name=markup)
    [text] = pages_of(pdf.build_order_pdf(order))
    assert markup[:20] in text


def test_a_document_fetches_nothing(tmp_path):
    """Even if markup got past the template: no file, no address."""
    picture = tmp_path / "secret.png"
    Image.new("RGB", (9, 9), "#f00").save(picture)
    for source in (picture, picture.as_uri(), "http://127.0.0.1:9/x.png", settings.BASE_DIR / "static/img/favicon.svg"):
        document = pypdf.PdfReader(io.BytesIO(pdf.render_pdf(f'<p>Hello</p><img src="{source}">')))
        assert [image for page in document.pages for image in page.images] == []


def test_endless_words_stay_on_one_page_each(db):
    page = factories.make_event("The Extraordinarily Long Title of a Festival " * 5)
    sale = factories.make_sale(page, name="M" * 80)
    order = factories.make_order(factories.make_type(sale, name="Concession " * 7), buyer_name="W" * 120)
    order.lines.update(venue="The Longest Name of Any Hall in the Island " * 5)
    assert len(pages_of(pdf.build_order_pdf(order))) == 2


def test_a_free_ticket_says_so(db):
    order = factories.make_order(factories.make_type(price="0"), quantity=1)
    assert "Adult, free" in pages_of(pdf.build_order_pdf(order))[0]


def change(order, **fields):
    """As an organiser would, of the order's first date."""
    edits.change_performance(order.lines.first().sale.performance, **fields)


def test_a_moved_date_is_today_s_and_says_what_it_was(db):
    order = factories.make_order(factories.make_type(factories.make_sale(starts_at=EVENING)), quantity=1)
    town_hall = factories.make_venue("Town Hall")
    change(order, starts_at=EVENING + timedelta(days=1, minutes=30), venue=town_hall)
    [page] = pages_of(pdf.build_order_pdf(order))
    assert "Thursday 15 July 2027 Starts 20:00" in page
    assert "Town Hall, St Helier" in page
    assert "Changed since you bought it It was Wed 14 July, 19:30 It was at Opera House, St Helier" in page


def test_a_postponed_date_keeps_its_code_and_has_no_day(db):
    order = factories.make_order(factories.make_type(factories.make_sale(starts_at=EVENING)), quantity=1)
    change(order, status=PerformanceStatus.POSTPONED)
    file = pdf.build_order_pdf(order)
    assert "New date not known yet Postponed: it was to be Wed 14 July, 19:30" in pages_of(file)[0]
    assert scan(pypdfium2.PdfDocument(file)[0]) == ticket_codes.sign_ticket_code(Ticket.objects.get().code)


def test_an_order_whose_dates_are_all_called_off_has_no_pdf(order):
    change(order, status=PerformanceStatus.CANCELLED)
    with pytest.raises(NoTickets):
        pdf.build_order_pdf(order)


def test_tickets_to_a_date_that_is_called_off_are_left_out_and_named(db):
    order = factories.make_order(factories.make_type(factories.make_sale(starts_at=EVENING)), quantity=2)
    factories.make_order_line(order, factories.make_type(factories.make_sale(factories.make_event("Tales"))))
    change(order, status=PerformanceStatus.CANCELLED)
    pages = pages_of(pdf.build_order_pdf(order))
    assert [page.split("Jersey Events ")[1].split()[0] for page in pages] == ["Tales", "Tales"]
    assert "Left out are the tickets to Sea Shanties, Wed 14 July 2027, 19:30, which is called off." in pages[0]


def test_a_pass_shows_its_dates_and_that_it_counts_at_each(db):
    page = factories.make_event(starts_at=EVENING)
    for days in (1, 2):
        factories.make_performance(page, starts_at=EVENING + timedelta(days=days))
    [paper] = pages_of(
        pdf.build_order_pdf(factories.make_order(factories.make_type(factories.make_pass(page)), quantity=1))
    )
    assert "Wed 14, Thu 15 and Fri 16 July 2027 (Festival pass)" in paper
    assert "once at each date" in paper


def test_void_tickets_are_left_out(order):
    Ticket.objects.filter(number=1).update(state=TicketState.VOID)
    [page] = pages_of(pdf.build_order_pdf(order))
    assert "2 of 2" in page


def test_an_order_without_tickets_is_refused(db):
    with pytest.raises(NoTickets):
        pdf.build_order_pdf(factories.make_order(state=OrderState.PENDING_VERIFICATION))


def test_the_same_order_gives_the_same_bytes(order):
    assert pdf.build_order_pdf(order) == pdf.build_order_pdf(order)


def test_ten_tickets_weigh_little(db):
    assert len(pdf.build_order_pdf(factories.make_order(quantity=10))) / 10 <= 12 * 1024


def test_a_hundred_tickets_are_a_hundred_pages(db):
    assert len(pages_of(pdf.build_order_pdf(factories.make_order(quantity=100)))) == 100


@pytest.mark.parametrize("quantity", [1, 3, 30])
def test_queries_do_not_grow_with_tickets(db, quantity, django_assert_num_queries):
    order = factories.make_order(quantity=quantity)
    factories.forget_edits()
    pdf.build_order_pdf(order)  # what surrounds a sale is remembered until an edit
    with django_assert_num_queries(2):
        pdf.build_order_pdf(order)


def test_qr_svg_scans_and_is_small():
    svg = qr_codes.draw_qr_svg(CODE)
    assert len(svg) < 3000
    dark = {(x, y) for x, y, length in runs_in(svg) for x in range(x, x + length)}
    side = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    image = Image.new("L", (side, side), 255)
    for spot in dark:
        image.putpixel(spot, 0)
    [barcode] = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), 0))
    assert barcode.text == CODE


def runs_in(svg):
    return [tuple(map(int, found)) for found in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg)]


def test_any_signed_code_fits_the_symbol(settings):
    settings.TICKET_SIGNING_KEYS = {"Z": "another-secret-of-the-tests"}
    for _ in range(50):
        assert len(qr_codes.make_qr_matrix(ticket_codes.sign_ticket_code(ticket_codes.generate_ticket_code()))) == 25
