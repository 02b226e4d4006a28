"""What people typed must not run in a spreadsheet: every export of the site and of Wagtail passes through here."""

import csv
import re
import unicodedata
from io import StringIO
from types import SimpleNamespace

from django.utils.encoding import is_protected_type
from wagtail.admin.views import mixins

FORMULA = "=+-@"
SKIPPED = "'\"`\u2018\u2019\u201c\u201d"  # quotes that a spreadsheet may take away before it reads on
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # no workbook takes them


def harmless(cell):
    """Numbers and times as they are, text that a spreadsheet might calculate with an apostrophe before it."""
    if is_protected_type(cell):
        return cell
    text = CONTROLS.sub("", str(cell))
    return f"'{text}" if is_formula(text) else text


def is_formula(text):
    """Also behind spaces, quotes and signs that nobody sees, and in the wide forms that some spreadsheets read too."""
    if text.startswith(("\t", "\r", "\n")):
        return True
    first = next((sign for sign in text if not is_skipped(sign)), "")
    return bool(first) and unicodedata.normalize("NFKC", first) in FORMULA


def is_skipped(sign):
    return sign.isspace() or sign in SKIPPED or unicodedata.category(sign) in ("Cf", "Cc", "Mn")


class QuotingWriter(csv.DictWriter):
    """Text in quotes, all of it: where a semicolon parts the columns, what follows one in a cell would be a cell."""

    def __init__(self, file, fieldnames):
        super().__init__(file, fieldnames, quoting=csv.QUOTE_NONNUMERIC)


def as_csv(rows):
    """The text of a file with these rows."""
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def guard_exports():
    """Wagtail's mixin writes all its lists and reports, its own and ours. No setting of it does this."""
    mixins.csv = SimpleNamespace(DictWriter=QuotingWriter)
    for name in ("preprocess_field_value", "get_heading"):
        setattr(mixins.SpreadsheetExportMixin, name, guarded(getattr(mixins.SpreadsheetExportMixin, name)))


def guarded(method):
    def harmless_value(*args):
        return harmless(method(*args))

    return harmless_value
