"""GST: who charges it, how much of a price it is, and on which paper it stands."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pypdf
import pytest
import time_machine
from django.utils import timezone

from events_pages.models import Organiser
from payments.enums import RefundOrigin
from tests import factories
from tests.architecture.test_layers import ROOT
from tests.ticketing.domain.accounting.test_statements import give_back, order_over, pay
from tests.ticketing.views.shop import buy, hold
from tests.ticketing.views.staff.test_statements import rows_of
from ticketing import mail
from ticketing.documents import pdf
from ticketing.domain.accounting import gst
from ticketing.domain.accounting.statements import build_statement
from ticketing.models import OrderLine
from ticketing.views.staff.statements import build_statement_response

FROM, UNTIL = date(2026, 1, 1), date(2026, 12, 31)
INCLUDED = "GST included at 5 %"


def make_type(name="Opera Friends", number="1234567", price="21.00", **fields):
    """A ticket of an organiser who is registered from today on."""
    fields.setdefault("gst_from", timezone.localdate())
    organiser = Organiser.objects.create(name=name, gst_number=number, **fields)
    return factories.make_type(factories.make_sale(factories.make_event(organiser=organiser)), price=price)


def make_order(*types, **fields):
    """Bought while their organisers were registered as they are now."""
    order = order_over(*types, **fields)
    for line in order.lines.select_related("sale__page__organiser"):
        tax = gst.gst_of_organiser(line.sale.page.organiser, on=timezone.localdate())
        OrderLine.objects.filter(pk=line.pk).update(gst_rate=tax.rate, gst_number=tax.number)
    return order


@pytest.mark.parametrize(
    ("number", "start", "end", "day", "registered"),
    [
        ("1234567", FROM, UNTIL, FROM, True),
        ("1234567", FROM, UNTIL, UNTIL, True),
        ("1234567", FROM, None, date(2040, 1, 1), True),
        ("1234567", FROM, UNTIL, FROM - timedelta(days=1), False),
        ("1234567", FROM, UNTIL, UNTIL + timedelta(days=1), False),
        ("1234567", None, None, FROM, False),
        ("", FROM, None, FROM, False),
    ],
)
def test_gst_is_charged_between_the_dates_of_a_registration(number, start, end, day, registered):
    organiser = Organiser(gst_number=number, gst_from=start, gst_until=end)
    expected = gst.Gst(Decimal("5.00"), "1234567") if registered else gst.NO_GST
    assert gst.gst_of_organiser(organiser, on=day) == expected


def test_gst_of_nobody_is_none():
    assert gst.gst_of_organiser(None, on=FROM) == gst.NO_GST
    assert not gst.NO_GST


def test_parts_are_rounded_once_for_each_number():
    first, second = gst.Gst(gst.GST_RATE, "1"), gst.Gst(gst.GST_RATE, "2")
    shares = [(Decimal("0.10"), first)] * 3 + [(Decimal("21.00"), second), (Decimal("9.00"), gst.NO_GST)]
    parts = gst.sum_gst_parts(shares)
    assert [(part.number, part.tax) for part in parts] == [("1", Decimal("0.01")), ("2", Decimal("1.00"))]
    assert parts[0].percent == "5"
    assert gst.GstPart("1", Decimal("7.50"), Decimal(1)).percent == "7.5"


def test_an_order_copies_rate_and_number(client, db):
    free = make_type(price="0.00")
    line = buy(client, free).lines.get()
    assert (line.gst_rate, line.gst_number) == (0, "")


def test_buyers_see_it_before_and_after_they_pay(client, db, simulator):
    kind = make_type()
    hold(client, kind, 2)
    asked = client.get("/tickets/checkout/").text
    order = buy(client, kind, 2)
    line = order.lines.get()
    Organiser.objects.update(gst_number="", gst_from=None)
    shown = client.get(order.get_absolute_url()).text
    assert (line.gst_rate, line.gst_number) == (5, "1234567")
    for page in (asked, shown):
        assert f"{INCLUDED}, GST number 1234567" in page
        assert "£2.00" in page


def test_the_tax_point_is_the_day_in_jersey(client, db, simulator):
    """At half past midnight of British Summer Time it is still yesterday in UTC."""
    kind = make_type(gst_from=date(2027, 7, 1))
    with time_machine.travel("2027-06-30T23:30:00Z", tick=False):
        type(kind.sale.performance).objects.update(
            ends_at=timezone.now() + timedelta(days=3), starts_at=timezone.now() + timedelta(days=2)
        )
        assert buy(client, kind).lines.get().gst_rate == 5


def test_nothing_is_said_of_an_organiser_who_is_not_registered(client, db, simulator):
    kind = factories.make_type()
    hold(client, kind)
    pages = [client.get("/tickets/checkout/").text, client.get(buy(client, kind).get_absolute_url()).text]
    order = factories.make_order(kind)
    message = mail.build_tickets_mail(order)
    sheet = pypdf.PdfReader(io.BytesIO(pdf.build_order_pdf(order))).pages[0].extract_text()
    csv = build_statement_response(build_statement(kind.sale), "csv").content.decode()
    assert not [each for each in (*pages, message.body, *message.alternatives[0], sheet) if "GST" in each]
    assert "GST in what stays" not in csv


def test_mail_and_ticket_say_how_much(db):
    order = make_order(make_type(), make_type("Twelve Drums", "7654321", price="10.50"), quantity=2)
    message = mail.build_tickets_mail(order)
    sheet = pypdf.PdfReader(io.BytesIO(pdf.build_order_pdf(order))).pages[0].extract_text()
    for text in (message.body, message.alternatives[0][0]):
        assert f"{INCLUDED}: £2.00 (GST number 1234567)" in text
        assert f"{INCLUDED}: £1.00 (GST number 7654321)" in text
    assert "GST included in this order at 5 %: £2.00 (GST number 1234567)." in re.sub(r"\s+", " ", sheet)


def test_the_refund_mail_names_the_tax_that_goes_back(db):
    order = make_order(make_type(), quantity=2)
    give_back(pay(order), "21.00", proved_at=timezone.now())
    message = mail.build_refund_mail(order)
    for text in (message.body, message.alternatives[0][0]):
        assert "GST in this refund, at 5 %: £1.00 (GST number 1234567)" in text


def test_a_refund_of_a_mixed_order_guesses_nothing(db):
    order = make_order(make_type(), factories.make_type())
    assert gst.sum_refund_gst(order.lines.all(), Decimal("21.00")) == []


def test_the_statement_counts_the_tax_in_what_stays(db):
    """£63 bought of two organisers, of which £21 went back and the bank took £10.50: by price, £21 of £63 is theirs."""
    mine, other = make_type(price="21.00"), factories.make_type(price="10.50")
    order = make_order(mine, other, quantity=2)
    payment = pay(order)
    give_back(payment, "21.00")
    give_back(payment, "10.50", origin=RefundOrigin.CHARGE_BACK)
    found = build_statement(mine.sale.page)
    assert (found.total["gross"], found.total["gst"], found.gst_numbers) == (42, 1, ["1234567"])
    assert build_statement(other.sale.page).total["gst"] == 0
    figures = {row[0]: row[1:] for row in rows_of(build_statement_response(found, "csv")) if row}
    assert figures["GST in what stays of the gross"][:3] == ["1.00", "GBP", "1234567"]
    sheet = pypdf.PdfReader(io.BytesIO(pdf.build_statement_pdf(found))).pages[0].extract_text()
    assert "GST in what stays of the gross (GST number 1234567)" in re.sub(r"\s+", " ", sheet)


def test_nobody_ever_reads_of_another_islands_tax():
    """Jersey's tax is GST. The other word stands nowhere in what people read, nor in the code."""
    word = re.compile(r"\bv\.?a\.?t\b|value[- ]added", re.IGNORECASE)
    folders = ("events_pages", "ticketing", "payments", "templates", "static/js", "site")
    texts = [
        path for each in folders for path in (ROOT / each).rglob("*") if path.suffix in {".py", ".html", ".txt", ".js"}
    ]
    assert len(texts) > 300
    assert [path.name for path in texts if word.search(path.read_text(encoding="utf-8"))] == []
