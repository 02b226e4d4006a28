"""A workbook that leaves row by row, so that a million rows take no more memory than ten.

openpyxl writes one only when it has it whole. A text is a text here whatever it looks like: nothing is calculated.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice
from numbers import Number
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

MOST_ROWS = 1_000_000  # of a sheet; Excel takes 1,048,576. More of them go on the next one
PIECE = 64 * 1024
WIDTH = 22  # of a column, in letters: a date and time that does not fit is shown as ####
LONGEST_TITLE = 31
NOT_IN_TITLES = dict.fromkeys(map(ord, "[]:*?/\\'"))
MOST_PLACES = 9

FIRST, DAY = datetime(1899, 12, 30), timedelta(days=1)  # noqa: DTZ001 - a workbook knows no zones
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FORMATS = ["yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "hh:mm:ss", "0", *(f"0.{'0' * n}" for n in range(1, MOST_PLACES + 1))]
STYLES = {wanted: number + 1 for number, wanted in enumerate(FORMATS)}
OWN_FORMATS = 164  # the first number that is free
SHEET_HEAD = (
    f'{XML}<worksheet {MAIN}><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    f'<cols><col min="1" max="{{columns}}" width="{WIDTH}" customWidth="1"/></cols><sheetData>'
)
SHEET_END = "</sheetData></worksheet>"


def stream_workbook(title, rows):
    """Bytes, some at a time. The first of `rows` is the heading, at the top of each sheet; cells are None, texts,
    numbers, dates and times."""
    outlet = Outlet()
    rows = iter(rows)
    heading, first = next(rows), next(rows, None)
    sheets = 0
    with ZipFile(outlet, "w", ZIP_DEFLATED) as archive:
        while first is not None or not sheets:
            sheets += 1
            of_sheet = chain([heading], [] if first is None else [first], islice(rows, MOST_ROWS - 2))
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w") as part:
                for text in sheet_texts(of_sheet, len(heading)):
                    part.write(text.encode())
                    if outlet.size > PIECE:
                        yield outlet.take()
            first = next(rows, None)
        for name, text in list_parts(title.translate(NOT_IN_TITLES), sheets):
            archive.writestr(name, XML + text)
    yield outlet.take()


class Outlet:
    """A file that cannot be sought in; what was written to it is taken away."""

    def __init__(self):
        self.parts, self.size = [], 0

    def write(self, data):
        self.parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self):
        """As files have it."""

    def take(self):
        taken = b"".join(self.parts)
        self.parts, self.size = [], 0
        return taken


def sheet_texts(rows, columns):
    yield SHEET_HEAD.format(columns=columns)
    for row in rows:
        yield f"<row>{''.join(map(cell_text, row))}</row>"
    yield SHEET_END


def cell_text(value):
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    if isinstance(value, (date, time)):
        return f'<c s="{STYLES[moment_format(value)]}"><v>{count_days(value)}</v></c>'
    if isinstance(value, Decimal):
        return f'<c s="{STYLES[decimal_format(value)]}"><v>{value:f}</v></c>'
    if isinstance(value, Number):
        return f"<c><v>{value}</v></c>"
    raise TypeError(f"{type(value).__name__} is nothing for a cell")


def count_days(value):
    if isinstance(value, time):
        return (datetime.combine(FIRST, value) - FIRST) / DAY
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (moment - FIRST) / DAY


def moment_format(value):
    if isinstance(value, datetime):
        return FORMATS[0]
    return FORMATS[1] if isinstance(value, date) else FORMATS[2]


def decimal_format(value):
    places = min(max(0, -value.as_tuple().exponent), MOST_PLACES)
    return f"0.{'0' * places}" if places else "0"


def list_parts(title, sheets):
    """What a workbook has beside its sheets: (name, XML)."""
    numbers = range(1, sheets + 1)
    paths = {f"/xl/worksheets/sheet{number}.xml": "worksheet" for number in numbers}
    paths |= {"/xl/styles.xml": "styles"}
    kinds = "".join(f'<Override PartName="{path}" ContentType="{KIND}.{kind}+xml"/>' for path, kind in paths.items())
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>{kinds}</Types>',
    )
    yield "_rels/.rels", list_relations({"xl/workbook.xml": "officeDocument"})
    yield "xl/_rels/workbook.xml.rels", list_relations(paths)
    named = "".join(f"<sheet name={name_sheet(title, n)} sheetId={quoteattr(str(n))} r:id='r{n}'/>" for n in numbers)
    yield "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>'
    yield "xl/styles.xml", write_styles()


def name_sheet(title, number):
    end = "" if number == 1 else f" {number}"
    return quoteattr(f"{title[: LONGEST_TITLE - len(end)]}{end}")


def list_relations(paths):
    each = (
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{path}"/>'
        for number, (path, kind) in enumerate(paths.items(), start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(each)}</Relationships>'


def write_styles():
    """The plain style, then one for each of FORMATS."""
    numbers = range(OWN_FORMATS, OWN_FORMATS + len(FORMATS))
    formats = (f'<numFmt numFmtId="{n}" formatCode="{code}"/>' for n, code in zip(numbers, FORMATS, strict=True))
    plain = 'fontId="0" fillId="0" borderId="0"'
    styles = (f'<xf numFmtId="{n}" {plain} xfId="0" applyNumberFormat="1"/>' for n in (0, *numbers))
    return (
        f'<styleSheet {MAIN}><numFmts count="{len(FORMATS)}">{"".join(formats)}</numFmts>'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" '
        f"{plain}/></cellStyleXfs>"
        f'<cellXfs count="{len(FORMATS) + 1}">{"".join(styles)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
