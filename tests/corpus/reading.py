"""Whatever leaves the site, opened as strictly as the programs that people open it with."""

import csv
import json
import re
from io import BytesIO, StringIO

import pypdf
from icalendar import Calendar
from lxml import etree
from openpyxl import load_workbook

UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def open_strictly(answer):
    """The text in it. Raises whatever a strict reader says."""
    for kind, opened in KINDS.items():
        if kind in answer.kind:
            return opened(answer)
    return answer.text


def open_page(answer):
    assert not UNREADABLE.search(answer.text), "signs that no page may hold"
    tree = answer.tree
    for script in tree.iterfind(".//script[@type='application/ld+json']") if tree is not None else ():
        strict_json(script.text)
    return answer.text


def open_json(answer):
    strict_json(answer.content)
    return answer.text


def strict_json(text):
    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def open_xml(answer):
    etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False))
    return answer.text


def open_calendar(answer):
    assert max(map(len, answer.content.split(b"\r\n"))) <= 75
    return " ".join(str(each.get("SUMMARY", "")) for each in Calendar.from_ical(answer.content).walk())


def open_table(answer):
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline=""), strict=True))
    assert not any(UNREADABLE.search(cell) for row in rows for cell in row)
    return "\n".join(" ".join(row) for row in rows)


def open_workbook(answer):
    rows = load_workbook(BytesIO(answer.content)).active.iter_rows()
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"], "a formula"
    return "\n".join(str(cell.value) for cell in cells)


def open_pdf(answer):
    return text_of_pdf(answer.content)


def text_of_pdf(drawn):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(drawn), strict=True).pages)


KINDS = {
    "html": open_page,
    "json": open_json,
    "/xml": open_xml,
    "rss+xml": open_xml,
    "text/calendar": open_calendar,
    "text/csv": open_table,
    "spreadsheetml": open_workbook,
    "pdf": open_pdf,
}
