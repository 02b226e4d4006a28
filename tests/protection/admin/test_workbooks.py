"""A workbook is written while it leaves, and opened by what opens workbooks."""

import io
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count

import pytest
from openpyxl import load_workbook

from protection.admin import workbooks
from protection.admin.workbooks import stream_workbook


def opened(rows, title="orders"):
    return load_workbook(io.BytesIO(b"".join(stream_workbook(title, rows))))


def values_of(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_it_opens_with_what_was_put_in():
    moment = datetime(2027, 7, 2, 23, 30, 15)
    row = ["<Zoë> & \n“Ana” ", -7, Decimal("-12.50"), moment, date(2027, 7, 2), time(23, 30), 1.5, None]
    sheet = opened([["a heading"] * len(row), row]).active
    assert values_of(sheet)[1] == [*row[:4], datetime(2027, 7, 2), *row[5:]]
    formats = [cell.number_format for cell in list(sheet.iter_rows())[1]]
    assert formats[2:6] == ["0.00", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "hh:mm:ss"]


@pytest.mark.parametrize("text", ["=1+1", "#N/A", "12", "TRUE"])
def test_a_text_is_a_text_whatever_it_looks_like(text):
    assert opened([["a"], [text]]).active["A2"].data_type == "s"


@pytest.mark.parametrize(
    ("places", "wanted"), [("1", "0"), ("1E+3", "0"), ("0.1", "0.0"), ("0.12345678901", "0.000000000")]
)
def test_an_amount_is_shown_with_its_places(places, wanted):
    cell = opened([["a"], [Decimal(places)]]).active["A2"]
    assert (cell.number_format, Decimal(str(cell.value))) == (wanted, Decimal(places))


def test_what_is_too_long_for_a_sheet_goes_on_the_next_one(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    book = opened([["n"], *([number] for number in range(5))], title="A/B" * 20)
    assert [values_of(sheet) for sheet in book] == [[["n"], [0], [1]], [["n"], [2], [3]], [["n"], [4]]]
    assert len(set(book.sheetnames)) == 3
    assert all(len(name) <= 31 and "/" not in name for name in book.sheetnames)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_sheet_that_is_just_full_is_the_last(monkeypatch, rows):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    book = opened([["n"], *([number] for number in range(rows))])
    assert [values_of(sheet) for sheet in book] == [[["n"], *([number] for number in range(rows))]]


def test_it_leaves_while_it_is_read():
    """An endless one would never come to an end in memory."""
    pieces = stream_workbook("endless", ([f"row {number * 7919}"] for number in count()))
    assert next(pieces).startswith(b"PK")
    assert len(next(pieces)) < 3 * workbooks.PIECE


def test_what_is_nothing_for_a_cell_is_refused():
    with pytest.raises(TypeError):
        opened([["a"], [object()]])
