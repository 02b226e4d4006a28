"""No cell of any export is calculated by the spreadsheet that opens it."""

import ast
import csv
import io
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.urls import get_resolver, reverse
from openpyxl import load_workbook
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.contrib.forms.views import SubmissionsListView

from payments.models import Movement
from protection.admin.spreadsheets import defuse_cell
from tests import factories
from tests.harness import ROOT
from tests.payments.admin.test_money_lists import make_rows
from tests.protection.people import sign_in

ATTACKS = [
    "=1+1", "+44 7797 700000", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", "  =1", "'=1", '"=1', "\u00a0=1", "\ufeff=1",
    "\u200b=1", "＝1", "＋1", "－1", "＠1", "﹦1", "﹢1", "﹣1", "﹫1", "\x01=1", "' \"=1", "=HYPERLINK(\"//x\")",
]  # fmt: skip
HARMLESS = ["Ana", "St. John", "O'Brien", "'Ana'", "a=b", "1-2", "x;=1", "–", "", "7797 700000", "ana@example.je"]


def exporting_views():
    """The classes of every view that exports, Wagtail's own too, as soon as the site's addresses are read."""
    assert get_resolver().url_patterns
    return sorted(set(below(SpreadsheetExportMixin)), key=str)


def below(view):
    for each in view.__subclasses__():
        yield each
        yield from below(each)


VIEWS = exporting_views()


class Row:
    """Whatever a view asks of it, somebody typed a formula there."""

    def __init__(self, text):
        self.text = text

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Row(self.text)

    def __call__(self, *args, **kwargs):
        return self

    def get_data(self):
        return dict.fromkeys(("name", "phone"), self.text)

    def __str__(self):
        return self.text


@pytest.fixture
def exported():
    """The cells that this view writes of such a row; its own ways of making words of values stay out of it."""

    def exported(view_class, text, kind):
        view = view_class()
        view.request = RequestFactory().get("/", {"export": kind})
        view.list_export = view_class.list_export or ["name", "phone"]
        view.export_headings = dict.fromkeys(view.list_export, text)
        view.custom_field_preprocess = {}
        if view_class is SubmissionsListView:
            view.form_page = Row("form")
        if "to_row_dict" not in vars(view_class):
            view.to_row_dict = lambda item: OrderedDict((field, item.text) for field in view.list_export)
        return cells(view.as_spreadsheet([Row(text)], kind), kind)

    return exported


def cells(response, kind):
    body = b"".join(response.streaming_content)
    if kind == "csv":
        return [cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")) for cell in row]
    return [cell for row in load_workbook(io.BytesIO(body)).active.iter_rows() for cell in row]


@pytest.mark.parametrize("text", ATTACKS)
def test_what_might_be_calculated_is_text(text):
    assert defuse_cell(text) == "'" + text.replace("\x01", "")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_text_stays_as_it_is(text):
    assert defuse_cell(text) == text


@pytest.mark.parametrize("value", [Decimal("-12.50"), -1, 0, 2.5, None, True, datetime(2026, 8, 1, tzinfo=UTC)])
def test_numbers_and_times_stay_what_they_are(value):
    assert defuse_cell(value) is value


def test_it_works():
    names = {f"{view.__module__}.{view.__name__}" for view in VIEWS}
    assert len(names) > 15
    assert {"protection.admin.sign_in_report.SignInReport", "ticketing.views.staff.erasure.ErasureReport"} <= names
    assert any(name.startswith("wagtail.admin.views.reports") for name in names)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.__module__}.{view.__name__}")
def test_no_view_exports_a_formula(exported, view, kind):
    """Headings too: those of a form page are what an editor calls its fields."""
    for text in ("=1+1", "+44 7797", "＠x", " =1"):
        found = exported(view, text, kind)
        assert len(found) >= 2
        for cell in found:
            value = cell if kind == "csv" else cell.value
            assert value == f"'{text}"
            assert kind == "csv" or cell.data_type == "s"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.__module__}.{view.__name__}")
def test_no_view_goes_round_the_place_that_all_pass(view):
    for name in ("preprocess_field_value", "get_heading", "as_spreadsheet", "stream_csv", "write_csv_row", "write_xlsx",
                 "stream_xlsx"):  # fmt: skip
        assert getattr(view, name) is getattr(SpreadsheetExportMixin, name)


def test_nothing_else_writes_a_table():
    """A new way of writing CSV or XLSX belongs in `protection.admin.spreadsheets`."""
    allowed = {"site/protection/admin/spreadsheets.py"}
    for folder in ("site", "ticketing", "payments", "events_pages"):
        for path in (ROOT / folder).rglob("*.py"):
            nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
            names = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
            names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
            if names & {"csv", "openpyxl", "xlsxwriter"}:
                assert str(path.relative_to(ROOT)) in allowed, f"{path} writes tables by itself"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_a_stranger_types_as_a_name_to_sign_in_with_is_no_formula(client, kind):
    name, agent = "=cmd|' /C calc'!A0\x02", "＝1;=2"
    sign_in(client, name, "wrong", headers={"user-agent": agent})
    client.force_login(get_user_model().objects.create_superuser("root"))
    found = cells(client.get(reverse("sign_ins_report"), {"export": kind}), kind)
    values = {cell if kind == "csv" else cell.value for cell in found}
    assert "'=cmd|' /C calc'!A0" in values
    assert not [value for value in values if str(value).startswith(("=", "＝"))]


@pytest.mark.django_db
def test_a_semicolon_begins_no_cell(client):
    order = factories.make_order(buyer_name="Ana;=1+1")
    client.force_login(get_user_model().objects.create_superuser("root"))
    body = b"".join(client.get("/admin/orders/", {"export": "csv"}).streaming_content).decode()
    assert f'"{order.reference}"' in body
    assert '"Ana;=1+1"' in body
    assert f",{order.total}," in body


@pytest.mark.django_db
def test_an_amount_below_nothing_stays_a_number(client):
    make_rows(1)
    Movement.objects.update(amount=Decimal("-12.50"))
    client.force_login(get_user_model().objects.create_superuser("root"))
    assert "-12.50" in cells(client.get(reverse("movements:index"), {"export": "csv"}), "csv")
    found = cells(client.get(reverse("movements:index"), {"export": "xlsx"}), "xlsx")
    assert [cell.data_type for cell in found if cell.value == -12.5] == ["n"]


@pytest.mark.django_db
def test_the_site_history_names_no_formula(client):
    client.force_login(get_user_model().objects.create_superuser("root"))
    page = factories.make_event("=1+1")
    page.save_revision(log_action=True)
    response = client.get(reverse("wagtailadmin_reports:site_history"), {"export": "csv"})
    values = cells(response, "csv")
    assert "'=1+1" in values
    assert "=1+1" not in values
