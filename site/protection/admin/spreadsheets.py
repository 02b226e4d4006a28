"""Exports as CSV and XLSX: every table of ours and of Wagtail that leaves the site.

They open by double click. What people typed must not run in the spreadsheet that opens them, and no sign that somebody
typed stops the export; times are the island's, numbers are numbers, choices are words.
"""

import csv
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import singledispatch
from io import StringIO
from itertools import chain, islice
from math import isfinite
from numbers import Number

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.encoding import is_protected_type
from django.utils.http import content_disposition_header
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.admin.views import mixins
from wagtail.coreutils import multigetattr

from common.text.typed_text import drop_unwritable
from protection.admin.row_chunks import ROWS_AT_ONCE, iterate_rows
from protection.admin.workbooks import stream_workbook

FORMULA = "=+-@"
SKIPPED = "'\"`\u2018\u2019\u201c\u201d"  # quotes that a spreadsheet may take away before it reads on
BOM = "\ufeff"  # or a spreadsheet takes é for two letters
LONGEST_CELL = 32_767  # of a workbook, in UTF-16 units
MOST_DIGITS = 15  # a spreadsheet rounds what has more
FIRST_DAY = date(1900, 3, 1)  # workbooks count days from there; before it, they count one that never was
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def defuse_cell(cell):
    """Text that a spreadsheet might calculate gets an apostrophe before it."""
    if is_protected_type(cell):
        return cell
    text = drop_unwritable(str(cell))
    return f"'{text}" if is_formula(text) else text


def is_formula(text):
    """Also behind spaces, quotes and signs that nobody sees, and in the wide forms that some spreadsheets read too."""
    if text.startswith(("\t", "\r", "\n")):
        return True
    first = next((sign for sign in text if not is_skipped_sign(sign)), "")
    return bool(first) and unicodedata.normalize("NFKC", first) in FORMULA


def is_skipped_sign(sign):
    return sign.isspace() or sign in SKIPPED or unicodedata.category(sign) in ("Cf", "Cc", "Mn")


@singledispatch
def plain_value(value):
    return defuse_cell(value).replace("\r\n", "\n").replace("\r", "\n")


@plain_value.register
def _nothing(value: None):
    return None


@plain_value.register
def _words(value: bool):
    return _("Yes") if value else _("No")


@plain_value.register(Number)
def _number(value):
    return value if isfinite(value) and abs(value) < 10**MOST_DIGITS else str(value)


@plain_value.register
def _island_moment(value: datetime):
    """By the island's clock, whatever a profile says; to the second."""
    local = value if timezone.is_naive(value) else timezone.make_naive(value, timezone.get_default_timezone())
    return local.replace(microsecond=0)


@plain_value.register(date)
@plain_value.register(time)
def _as_it_is(value):
    return value


@plain_value.register
def _pairs(value: Mapping):
    return plain_value("; ".join(f"{name}: {each}" for name, each in value.items()))


@plain_value.register(list)
@plain_value.register(tuple)
@plain_value.register(set)
def _several(value):
    return plain_value(", ".join(map(str, value)))


def csv_value(value):
    value = plain_value(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, Decimal):
        return Decimal(f"{value:f}")
    return value.isoformat() if isinstance(value, date | time) else value


def xlsx_value(value):
    value = plain_value(value)
    if isinstance(value, date) and date(value.year, value.month, value.day) < FIRST_DAY:
        return csv_value(value)
    return shorten_cell(value) if isinstance(value, str) else value


def shorten_cell(text):
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - 1)].decode("utf-16-le", "ignore") + "…"


class QuotingWriter(csv.DictWriter):
    """All text in quotes, or a semicolon in a cell would begin another where semicolons part the columns."""

    def __init__(self, file, fieldnames):
        super().__init__(file, fieldnames, quoting=csv.QUOTE_NONNUMERIC)


def build_csv(rows):
    out = StringIO(BOM)
    out.seek(0, 2)
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC).writerows([csv_value(cell) for cell in row] for row in rows)
    return out.getvalue()


def value_at(item, path, *, in_words=True):
    """None when the way of the dotted path ends early. A choice by its words."""
    *way, name = path.split(".")
    try:
        for step in way:
            item = multigetattr(item, step)
            if item is None:
                return None
        words = f"get_{name}_display"
        return multigetattr(item, words if in_words and hasattr(item, words) else name)
    except ObjectDoesNotExist:
        return None


def field_label(model, path):
    *way, name = path.split(".")
    try:
        for step in way:
            model = model._meta.get_field(step).related_model
        return model._meta.get_field(name).verbose_name
    except (AttributeError, FieldDoesNotExist):
        return name.replace("_", " ").strip()


class Exporting:
    """The methods of Wagtail's mixin that `install_safe_exports` replaces."""

    def to_row_dict(self, item):
        made_elsewhere = self.custom_field_preprocess
        return {path: value_at(item, path, in_words=path not in made_elsewhere) for path in self.list_export}

    def preprocess_field_value(self, field, value, export_format):
        own = self.custom_field_preprocess.get(field, {}).get(export_format)
        value = own(value) if own and value is not None else value
        return csv_value(value) if export_format == self.FORMAT_CSV else xlsx_value(value)

    def get_heading(self, queryset, field):
        heading = wagtails_heading(self, queryset, field)
        if heading.lower() == field:  # Wagtail knows no name of what lies further off
            heading = field_label(getattr(queryset, "model", None), field)
        return xlsx_value(capfirst(heading))

    def stream_csv(self, queryset):
        lines = csv_lines(self, queryset)
        while some := b"".join(islice(lines, ROWS_AT_ONCE)):
            yield some

    def write_csv_response(self, queryset):
        return stream_file(self, self.stream_csv(queryset), "text/csv; charset=utf-8", "csv")

    def stream_xlsx(self, queryset):
        rows = (list(self.to_row_dict(item).items()) for item in iterate_rows(queryset, find_own(self)))
        cells = ([self.preprocess_field_value(*pair, self.FORMAT_XLSX) for pair in row] for row in rows)
        heading = [self.get_heading(queryset, field) for field in self.list_export]
        return stream_workbook(self.get_filename(), chain([heading], cells))

    def write_xlsx(self, queryset, output):
        output.writelines(self.stream_xlsx(queryset))

    def write_xlsx_response(self, queryset):
        return stream_file(self, self.stream_xlsx(queryset), XLSX, "xlsx")


def stream_file(view, pieces, content_type, kind):
    disposition = content_disposition_header(True, dated_filename(view, kind))
    return StreamingHttpResponse(pieces, content_type=content_type, headers={"Content-Disposition": disposition})


class StreamedExport:
    """For lists and reports of ours: Wagtail reads all rows into memory to say how many there are on a page that nobody
    sees."""

    def get(self, request, *args, **kwargs):
        if not self.is_export:
            return super().get(request, *args, **kwargs)
        return self.as_spreadsheet(self.get_queryset(), request.GET["export"])


def find_own(view):
    return getattr(view, "read_by_key", None)


def csv_lines(view, queryset):
    writer = QuotingWriter(mixins.Echo(), view.list_export)
    yield BOM.encode()
    yield writer.writerow({field: view.get_heading(queryset, field) for field in view.list_export})
    for item in iterate_rows(queryset, find_own(view)):
        yield view.write_csv_row(writer, view.to_row_dict(item))


def dated_filename(view, kind):
    name, day = view.get_filename(), island_today()
    return f"{name}.{kind}" if name.endswith(day) else f"{name}-{day}.{kind}"


def island_today():
    return timezone.localdate(timezone=timezone.get_default_timezone()).isoformat()


wagtails_heading = mixins.SpreadsheetExportMixin.get_heading


def install_safe_exports():
    """Wagtail's mixin writes all lists and reports, its own and ours, and no setting changes how."""
    for name, method in vars(Exporting).items():
        if not name.startswith("__"):
            setattr(mixins.SpreadsheetExportMixin, name, method)
