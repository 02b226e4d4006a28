"""QR codes, as pictures for a PDF and for a page. Nothing else imports qrcode."""

from functools import cache

import qrcode
from qrcode.base import gexp, glog
from qrcode.constants import ERROR_CORRECT_M
from qrcode.LUT import rsPoly_LUT
from qrcode.util import ALPHA_NUM, MODE_ALPHA_NUM, PAD0, PAD1

from ticketing.documents import png_pictures

QR_VERSION = 2  # 25 modules a side: what 38 alphanumeric characters need at level M
QR_SIDE = 25
QR_MASK = 3  # all eight are allowed; trying each costs more than drawing the page
DATA_BYTES, CHECK_BYTES = 28, 16  # of a symbol of this version and level: what it says, and what repairs it
BITS = 8 * (DATA_BYTES + CHECK_BYTES)
DOTS_PER_MODULE = 5  # enough for paper; some viewers smooth coarser pictures
QUIET_MODULES = 4  # modules of white that a scanner needs around the code


def make_qr_matrix(text):
    """Row by row, True for dark. `text` is at most 38 characters of QR's alphanumeric set."""
    blank, places = lay_out_symbol()
    data = encode_text(text)
    bits = f"{data << 8 * CHECK_BYTES | compute_check(data):0{BITS}b}"
    symbol = bytearray(blank)
    for place, bit in zip(places, bits, strict=True):
        symbol[place] ^= bit == "1"
    return [[bool(dark) for dark in symbol[start : start + QR_SIDE]] for start in range(0, len(symbol), QR_SIDE)]


def encode_text(text):
    """The data as a number: its length, two characters in 11 bits, and the fixed filling."""
    values = [ALPHA_NUM.index(character.encode()) for character in text]
    bits = f"{MODE_ALPHA_NUM:04b}{len(text):09b}"
    bits += "".join(f"{45 * one + other:011b}" for one, other in zip(values[::2], values[1::2], strict=False))
    bits += f"{values[-1]:06b}" if len(values) % 2 else ""
    if len(bits) > 8 * DATA_BYTES:
        raise ValueError("too long for the symbol")
    bits = bits.ljust(min(8 * DATA_BYTES, -(-(len(bits) + 4) // 8) * 8), "0")
    filling = f"{PAD0:08b}{PAD1:08b}" * DATA_BYTES
    return int((bits + filling)[: 8 * DATA_BYTES], 2)


def compute_check(data):
    """Reed and Solomon's check bytes, byte by byte from a table."""
    table, check, last = check_table(), 0, 8 * (CHECK_BYTES - 1)
    for byte in data.to_bytes(DATA_BYTES, "big"):
        first = check >> last
        check = ((check ^ first << last) << 8) ^ table[byte ^ first]
    return check


@cache
def check_table():
    """For each byte the multiple of the generator that takes it away, without its first byte, as a number."""
    generator = rsPoly_LUT[CHECK_BYTES][1:]
    rows = [bytes(CHECK_BYTES)]
    rows += [bytes(gexp(glog(byte) + glog(factor)) for factor in generator) for byte in range(1, 256)]
    return [int.from_bytes(row, "big") for row in rows]


@cache
def lay_out_symbol():
    """The symbol of zeros, and where each bit of the data goes. qrcode is asked once: in its symbol of every bit whose
    number has a certain binary digit, the places that differ from the symbol of zeros have that digit too."""
    blank = draw_bits("0" * BITS)
    numbers = dict.fromkeys(list_differences(blank, draw_bits("1" * BITS)), 0)
    for digit in range(BITS.bit_length()):
        drawn = draw_bits("".join(str(number >> digit & 1) for number in range(BITS)))
        for place in list_differences(blank, drawn):
            numbers[place] |= 1 << digit
    return bytes(blank), sorted(numbers, key=numbers.get)


def draw_bits(bits):
    code = qrcode.QRCode(version=QR_VERSION, error_correction=ERROR_CORRECT_M, mask_pattern=QR_MASK, border=0)
    code.data_cache = int(bits, 2).to_bytes(len(bits) // 8, "big")
    code.make(fit=False)
    return [dark for row in code.modules for dark in row]


def list_differences(one, other):
    return [place for place, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]


def draw_qr_png_uri(text):
    return png_pictures.make_png_uri(make_qr_matrix(text), dots=DOTS_PER_MODULE)


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
