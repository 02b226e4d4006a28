"""Pictures of black and white dots: as PNG for a page, and as the bits that a PDF draws."""

import struct
import zlib
from base64 import b64decode, b64encode

HEAD = b"\x89PNG\r\n\x1a\n"
DATA_URI = "data:image/png;base64,"
BLACK_AND_WHITE = (1, 0, 0, 0, 0)  # one bit a dot, grey; the usual compression and filters; not interlaced


def make_png_uri(rows, *, dots=1):
    """A picture of rows of True for black and False for white, each `dots` dots wide and high."""
    lines = b"".join((b"\0" + pack_row(row, dots)) * dots for row in rows)
    size = struct.pack(">LL5B", dots * len(rows[0]), dots * len(rows), *BLACK_AND_WHITE)
    chunks = make_chunk(b"IHDR", size), make_chunk(b"IDAT", zlib.compress(lines, 1)), make_chunk(b"IEND", b"")
    return f"{DATA_URI}{b64encode(HEAD + b''.join(chunks)).decode()}"


def pack_row(row, dots):
    bits = "".join("0" * dots if is_black else "1" * dots for is_black in row)
    size = -(-len(bits) // 8)
    return int(bits.ljust(8 * size, "0"), 2).to_bytes(size, "big")


def make_chunk(name, data):
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def read_dots(uri):
    """(width, height, bytes of its rows) of a picture of `make_png_uri`; None for any other."""
    png = b64decode(uri.removeprefix(DATA_URI))
    width, height, *kind = struct.unpack_from(">LL5B", png, 16)
    (size,) = struct.unpack_from(">L", png, 33)
    if tuple(kind) != BLACK_AND_WHITE or png[37:41] != b"IDAT" or png[45 + size + 4 :][:4] != b"IEND":
        return None
    line = 1 + -(-width // 8)
    lines = zlib.decompress(png[41 : 41 + size])
    if len(lines) != line * height or any(lines[::line]):
        return None
    return width, height, b"".join(lines[start + 1 : start + line] for start in range(0, len(lines), line))


BLANK_URI = make_png_uri([[False]])
