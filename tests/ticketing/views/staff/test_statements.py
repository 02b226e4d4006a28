"""The statement as a download: for whoever may edit the page and see its orders."""

import csv
import io
import re
from datetime import UTC, datetime

import pypdf
import pytest
from django.contrib.auth.models import Permission, User

from payments.enums import MovementKind
from tests import factories
from tests.ticketing.admin.test_viewsets import make_organiser_of
from tests.ticketing.domain.accounting.test_statements import give_back, move, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    page = factories.make_event("=Sea Shanties")
    order = factories.make_order(factories.make_type(factories.make_sale(page)))
    payment = pay(order)
    move(payment, MovementKind.PAYMENT, "24.00", fee="0.60")
    move(payment, MovementKind.PAYOUT, "23.40", payout="=P-1")
    give_back(payment, "12.00")
    return order


@pytest.fixture
def event(order):
    return order.lines.get().sale.page


@pytest.fixture
def organiser(client, event):
    client.force_login(make_organiser_of(event, "Bob"))
    return client


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_csv_has_the_figures_and_every_order(organiser, event, order):
    answer = organiser.get(f"/admin/statements/event/{event.pk}.csv")
    rows = rows_of(answer)
    figures = {row[0]: row[1] for row in rows if len(row) > 1}
    expected = {"Gross": "24.00", "Refunded": "12.00", "SumUp fees": "0.60", "Net": "11.40", "Paid out": "23.40"}
    assert expected.items() <= figures.items()
    assert figures["Not paid out yet"] == "-12.00"
    header, line = rows[-2:]
    told = dict(zip(header, line, strict=True))
    assert (told["Order"], told["Sold"], told["Net"]) == (order.reference, "2", "11.40")
    assert told["Merchant"] == "MDEMO001"
    assert order.buyer_email not in answer.content.decode()
    assert re.search(r'filename="statement-sea-shanties-\d{4}-\d\d-\d\d\.csv"', answer["Content-Disposition"])


def test_the_csv_holds_no_formula(organiser, event):
    cells = [cell for row in rows_of(organiser.get(f"/admin/statements/event/{event.pk}.csv")) for cell in row]
    assert "'=Sea Shanties" in cells
    assert {cell for cell in cells if cell.startswith(("=", "+", "@"))} == set()


def test_the_pdf_has_the_figures(organiser, order):
    sale = order.lines.get().sale
    answer = organiser.get(f"/admin/statements/sale/{sale.pk}.pdf")
    [sheet] = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text = re.sub(r"\s+", " ", sheet.extract_text())
    for fact in ("Sea Shanties", "Island Arts Ltd (MDEMO001)", "£24.00", "– £12.00", "– £0.60", "£11.40", "=P-1"):
        assert fact in text
    assert answer["Content-Type"] == "application/pdf"


@pytest.mark.parametrize("address", ["event/{page}.csv", "event/{page}.pdf", "sale/{sale}.csv", "sale/{sale}.pdf"])
def test_another_organiser_is_refused(client, order, event, address):
    client.force_login(make_organiser_of(factories.make_event("Other"), "Eve"))
    address = address.format(page=event.pk, sale=order.lines.get().sale_id)
    assert client.get(f"/admin/statements/{address}").status_code == 302


def test_whoever_may_not_see_orders_is_refused(organiser, event):
    User.objects.get(username="Bob").groups.get().permissions.remove(Permission.objects.get(codename="view_order"))
    assert organiser.get(f"/admin/statements/event/{event.pk}.csv").status_code == 302


def test_the_page_and_the_sale_lead_to_it(organiser, event, order):
    editor = organiser.get(f"/admin/pages/{event.pk}/edit/").content.decode()
    assert f"/admin/statements/event/{event.pk}.pdf" in editor
    sale = order.lines.get().sale_id
    summary = organiser.get(f"/admin/snippets/ticketing/eventsale/edit/{sale}/").content.decode()
    assert f"/admin/statements/sale/{sale}.csv" in summary


def test_what_does_not_exist_is_not_found(client):
    client.force_login(User.objects.create_superuser("alice"))
    assert client.get("/admin/statements/event/99999.pdf").status_code == 404


def test_every_figure_says_which_date_it_is_of(organiser, event, order):
    date = order.lines.get().sale.performance
    date.name, date.starts_at = "Gala", datetime(2027, 7, 9, 18, 30, tzinfo=UTC)
    date.save()
    rows = rows_of(organiser.get(f"/admin/statements/event/{event.pk}.csv"))
    assert ["Date", "Fri 9 July 2027, 19:30 (Gala)"] in rows
    assert dict(zip(*rows[-2:], strict=True))["Dates"] == "Fri 9 July 2027, 19:30 (Gala)"
    answer = organiser.get(f"/admin/statements/event/{event.pk}.pdf")
    text = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "Fri 9 July 2027, 19:30 (Gala)" in re.sub(r"\s+", " ", text)
