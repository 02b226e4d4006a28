"""Every list that can be taken away, opened as strictly as a spreadsheet does: one world, a table of all of them."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from openpyxl import load_workbook
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowTask
from wagtail.users.models import UserProfile

from payments.models import Discrepancy, MerchantAccount, Movement, ReconciliationRun
from protection.admin.spreadsheets import csv_value, xlsx_value
from protection.models import SignIn
from tests import factories
from tests.payments.factories import make_payment
from ticketing.enums import ErasureKind
from ticketing.models import CheckIn, Erasure, Order, Ticket

LATE = datetime(2027, 7, 2, 22, 30, 15, 999999, tzinfo=UTC)  # 23:30:15 in Jersey
NASTY = "Zoë\x0b O’Brien\x1f\ufffe\r\n李小龙 🎭"
TIDY = "Zoë O’Brien\n李小龙 🎭"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
DATED = re.compile(r'filename="[\w-]+-\d{4}-\d\d-\d\d\.(csv|xlsx)"')
INSIDE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|\b(None|True|False)\b|[a-z]\.[a-z]+_|\+00:00|<")
FULL = [
    "wagtailadmin_reports:locked_pages", "wagtailadmin_reports:workflow", "wagtailadmin_reports:workflow_tasks",
    "wagtailadmin_reports:site_history", "wagtailadmin_reports:aging_pages", "erasures_report", "sign_ins_report",
    "wagtailredirects:index", "orders:index", "tickets:index", "check_ins:index", "daily_reports:index",
    "discrepancies:index", "movements:index", "payment_records:index", "merchants:index",
]  # fmt: skip


def exporting_patterns(resolver, before=""):
    """(address, view, its columns) of all that answers `?export=`."""
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from exporting_patterns(pattern, address)
            continue
        call = pattern.callback
        while not hasattr(call, "view_class") and hasattr(call, "__wrapped__"):
            call = call.__wrapped__
        view = getattr(call, "view_class", type)
        if issubclass(view, SpreadsheetExportMixin):
            yield "/" + address, call.view_initkwargs.get("list_export", view.list_export)


def make_workflow():
    """Wagtail's migrations make one, which a flush takes away."""
    flow = Workflow.objects.get_or_create(name="Approval")[0]
    task = GroupApprovalTask.objects.get_or_create(name="Approval")[0]
    WorkflowTask.objects.get_or_create(workflow=flow, task=task)
    return flow


def make_rows(number):
    """A row of everything that is listed, as somebody typed it in the worst of moods."""
    root = User.objects.get(username="root")
    page = factories.make_event(f"=1+{number}")
    order = factories.make_order(factories.make_type(factories.make_sale(page)), buyer_name=NASTY)
    ticket = Ticket.objects.filter(line__order=order).first()
    CheckIn.objects.create(ticket=ticket, performance=ticket.sale.performance, result="accepted", by=root)
    payment = make_payment(f"JE-{number:08}")
    merchant, day = payment.merchant, date(2027, 7, 2) - timedelta(days=number)
    ReconciliationRun.objects.create(merchant=merchant, day=day, started_at=LATE, finished_at=LATE, error=NASTY)
    row = {"merchant": merchant, "amount": Decimal("-12.50")}
    Discrepancy.objects.create(day=day, kind="unmatched", key=f"k{number}", sentence=NASTY, explained_by=root, **row)
    Movement.objects.create(kind="PAYMENT", sumup_id=f"m{number}", currency="GBP", at=LATE, summary=NASTY, **row)
    SignIn.objects.create(username=NASTY, outcome=SignIn._meta.get_field("outcome").choices[0][0], agent="=1")
    Erasure.objects.create(kind=ErasureKind.values[0], subject="digest", orders=number, by=root)
    Redirect.objects.create(old_path=f"/07700{number}", redirect_page=page)
    page.save_revision(user=root, log_action=True).publish(user=root)
    make_workflow().start(page, root)
    Page.objects.filter(pk=page.pk).update(locked=True, locked_by=root, locked_at=LATE)


@pytest.fixture
def desk(client, db):
    root = User.objects.create_superuser("root")
    make_rows(1)
    for model, name in ((Order, "created_at"), (Order, "completed_at"), (Ticket, "used_at"), (CheckIn, "at")):
        model.objects.update(**{name: LATE})
    MerchantAccount.objects.update(sandbox=True)
    client.force_login(root)
    return client


def taken(client, address, kind):
    answer = client.get(address, {"export": kind})
    assert answer.status_code == 200, address
    return answer, b"".join(answer.streaming_content)


def csv_rows(body):
    text = body.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), strict=True))


def sheet_of(body):
    return load_workbook(io.BytesIO(body)).active


def seen(value):
    """What stands in a cell of a workbook, as a file of text says it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(csv_value(value)).removesuffix(" 00:00:00")


def test_every_list_opens_and_says_the_same_in_both_forms(desk):
    addresses = [reverse(name) for name in FULL]
    answering = {address for address, columns in exporting_patterns(get_resolver()) if columns}
    assert {address for address in answering if not address.endswith("results/")} == set(addresses)
    for address in addresses:
        answer, body = taken(desk, address, "csv")
        rows = csv_rows(body)
        assert DATED.search(answer["Content-Disposition"]), answer["Content-Disposition"]
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        check_table(address, rows)
        answer, body = taken(desk, address, "xlsx")
        assert DATED.search(answer["Content-Disposition"])
        sheet = sheet_of(body)
        for told, cells in zip(rows, sheet.iter_rows(), strict=True):
            assert [seen_as(cell) for cell in cells] == [as_number(cell) for cell in told], address


def seen_as(cell):
    return as_number(seen(cell.value))


def as_number(text):
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def check_table(address, rows):
    head, *rest = rows
    assert rest, f"nothing in {address}"
    assert len(set(head)) == len(head), (address, head)
    for heading in head:
        assert heading[:1].isupper(), (address, heading)
        assert not re.search(r"[._]", heading), (address, heading)
    for row in rest:
        assert len(row) == len(head), address
        for cell in row:
            assert not INSIDE.search(cell), (address, cell)
            assert cell[:1] not in ("=", "+", "@"), (address, cell)


def test_no_address_that_answers_an_export_breaks(desk):
    for address, columns in exporting_patterns(get_resolver()):
        if not columns:
            for kind in ("csv", "xlsx"):
                assert desk.get(address, {"export": kind}).status_code == 200, address


def test_an_order_is_read_as_it_is(desk):
    UserProfile.objects.create(user=User.objects.get(username="root"), current_time_zone="Asia/Tokyo")
    _, body = taken(desk, reverse("orders:index"), "csv")
    head, row = csv_rows(body)
    told = dict(zip(head, row, strict=True))
    assert told["Name"] == TIDY
    assert told["State"] == "completed"
    assert told["Total"] == "24.00"
    assert told["Ordered"] == "2027-07-02 23:30:15"
    _, body = taken(desk, reverse("orders:index"), "xlsx")
    sheet = sheet_of(body)
    cells = dict(zip(head, list(sheet.iter_rows())[1], strict=True))
    assert (cells["Total"].data_type, cells["Total"].number_format, cells["Total"].value) == ("n", "0.00", 24)
    assert (cells["Ordered"].data_type, cells["Ordered"].value) == ("d", datetime(2027, 7, 2, 23, 30, 15))
    assert cells["Name"].value == TIDY
    assert sheet.column_dimensions["A"].width > 19  # else a time is shown as ####
    assert sheet.freeze_panes == "A2"


def test_choices_and_facts_are_words_and_nothing_below_zero_is_text(desk):
    _, scans = taken(desk, reverse("check_ins:index"), "csv")
    assert "Valid ticket" in csv_rows(scans)[1]
    _, merchants = taken(desk, reverse("merchants:index"), "csv")
    assert "Yes" in csv_rows(merchants)[1]
    _, movements = taken(desk, reverse("movements:index"), "xlsx")
    assert [cell.data_type for cell in list(sheet_of(movements).iter_rows())[1] if cell.value == -12.5] == ["n"]


def test_a_scan_of_no_ticket_does_not_stop_the_others(desk):
    CheckIn.objects.create(ticket=None, performance=Ticket.objects.first().sale.performance, result="unknown", at=LATE)
    _, body = taken(desk, reverse("check_ins:index"), "csv")
    assert len(csv_rows(body)) == 3


def test_it_costs_the_same_for_any_number_of_rows(desk):
    ours = [name for name in FULL if not name.startswith("wagtail")]
    before = {name: statements(desk, name) for name in ours}
    make_rows(2), make_rows(3)
    assert {name: statements(desk, name) for name in ours} == before


def statements(client, name):
    taken(client, reverse(name), "csv")
    with CaptureQueriesContext(connection) as captured:
        taken(client, reverse(name), "csv")
    return len(captured)


def test_a_long_list_leaves_while_it_is_read():
    """An endless one would never come to an end in memory."""
    view = SpreadsheetExportMixin()
    view.list_export = ["name"]
    pieces = view.stream_csv({"name": str(number)} for number in count())
    assert next(pieces).startswith(b'\xef\xbb\xbf"Name"\r\n"0"\r\n')
    assert next(pieces).count(b"\r\n") == 500


@pytest.mark.parametrize(
    ("value", "in_text", "in_workbook"),
    [
        (None, None, None),
        ("", "", ""),
        ("half \ud800 a pair", "half  a pair", "half  a pair"),
        ("\ud83d=1", "'=1", "'=1"),
        ("#N/A", "#N/A", "#N/A"),
        (" spaces ", " spaces ", " spaces "),
        ("a\rb\r\nc", "a\nb\nc", "a\nb\nc"),
        ("01534 700000", "01534 700000", "01534 700000"),
        ("－1", "'－1", "'－1"),
        (-1, -1, -1),
        (12345678901234567, "12345678901234567", "12345678901234567"),
        (float("nan"), "nan", "nan"),
        (Decimal("1E+3"), Decimal("1000"), Decimal("1000")),
        (True, "Yes", "Yes"),
        (["a", 1], "a, 1", "a, 1"),
        ({"seats": 2}, "seats: 2", "seats: 2"),
        (LATE, "2027-07-02 23:30:15", datetime(2027, 7, 2, 23, 30, 15)),
        (date(2027, 7, 2), "2027-07-02", date(2027, 7, 2)),
        (date(1899, 12, 31), "1899-12-31", "1899-12-31"),
        ("a" * 40_000, "a" * 40_000, "a" * 32_766 + "…"),
        ("🎭" * 20_000, "🎭" * 20_000, "🎭" * 16_383 + "…"),
    ],
)
def test_a_cell(value, in_text, in_workbook):
    assert csv_value(value) == in_text
    assert xlsx_value(value) == in_workbook
