"""QR codes, as pictures for a PDF and for a page. Nothing else imports qrcode."""

from base64 import b64encode
from io import BytesIO

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM, QRData

QR_VERSION = 2  # 25 modules a side: what 38 alphanumeric characters need at level M
QR_MASK = 3  # all eight are allowed; trying each costs more than drawing the page
DOTS_PER_MODULE = 5  # per module: enough for paper, and a larger picture costs time
QUIET_MODULES = 4  # modules of white that a scanner needs around the code


def make_qr_matrix(text):
    """Row by row, True for dark. `text` is at most 38 characters of QR's alphanumeric set."""
    code = qrcode.QRCode(version=QR_VERSION, error_correction=ERROR_CORRECT_M, mask_pattern=QR_MASK, border=0)
    code.add_data(QRData(text, mode=MODE_ALPHA_NUM), optimize=0)
    code.make(fit=False)
    return code.modules


def draw_qr_png_uri(text):
    rows = make_qr_matrix(text)
    side = len(rows) * DOTS_PER_MODULE
    dots = Image.frombytes("L", (len(rows), len(rows)), bytes(0 if dark else 255 for row in rows for dark in row))
    out = BytesIO()
    dots.resize((side, side), Image.Resampling.NEAREST).save(out, "PNG", compress_level=1)
    return f"data:image/png;base64,{b64encode(out.getvalue()).decode()}"


def draw_qr_svg(text):
    rows = make_qr_matrix(text)
    side = len(rows) + 2 * QUIET_MODULES
    path = "".join(_draw_run(x, y, length) for y, row in enumerate(rows) for x, length in _find_runs(row))
    return (  # always dark on white, also on a dark page
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def _draw_run(x, y, length):
    return f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{length}v1h-{length}z"


def _find_runs(row):
    start = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None
