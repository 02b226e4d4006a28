"""Small font files cut out of large ones: the outlines of a few letters, and no more than a PDF's reader needs."""

from functools import lru_cache
from struct import pack, pack_into, unpack, unpack_from

COPIED_TABLES = ("cvt ", "fpgm", "prep")  # where outlines bring instructions
MORE_PARTS, WORDS, SCALES = 0x20, 0x01, {0x08: 2, 0x40: 4, 0x80: 8}  # flags of a composed outline


def cut_font(face, letters):
    """A font file of these letters, which are in the order of their codes and have one glyph each. What is no letter
    draws nothing."""
    letters = sorted(letters)
    numbers = [face.charToGlyph[ord(letter)] for letter in letters]
    outlines, numbers = gather_outlines(face, numbers)
    measures = [face.hmetrics[number] for number in numbers]
    places, place = [0], 0
    for outline in outlines:
        place += len(outline)
        places.append(place)
    tables = {
        "cmap": map_characters([ord(letter) for letter in letters]),
        "glyf": b"".join(outlines),
        "head": replace_short(face.get_table("head"), 50, 0),
        "hhea": replace_short(face.get_table("hhea"), 34, len(numbers)),
        "hmtx": b"".join(pack(">HH", int(width), int(left) & 0xFFFF) for width, left in measures),
        "loca": pack(f">{len(places)}H", *(place // 2 for place in places)),
        "maxp": replace_short(face.get_table("maxp"), 4, len(numbers)),
    }
    return write_font(tables | {name: face.get_table(name) for name in COPIED_TABLES if name in face.table})


def gather_outlines(face, numbers):
    """The outlines of glyph 0, which is empty, of these, and of the parts that they are composed of."""
    numbers, outlines = [0, *numbers], [b""]
    for number in numbers[1:]:
        numbers += [part for part in find_parts(face, number).values() if part not in numbers]
    for number in numbers[1:]:
        outline = bytearray(read_outline(face, number))
        for place, part in find_parts(face, number).items():
            pack_into(">H", outline, place, numbers.index(part))
        outlines.append(bytes(outline) + b"\0" * (len(outline) % 2))
    return outlines, numbers


def read_outline(face, number):
    start = face.get_table_pos("glyf")[0]
    return face._ttf_data[start + face.glyphPos[number] : start + face.glyphPos[number + 1]]


@lru_cache(4096)
def find_parts(face, number):
    """{place in the outline: glyph} of what it is composed of; nothing of a simple one."""
    outline, parts, place, flags = read_outline(face, number), {}, 10, MORE_PARTS
    if not outline or unpack_from(">h", outline)[0] >= 0:
        return parts
    while flags & MORE_PARTS:
        flags, part = unpack_from(">HH", outline, place)
        parts[place + 2] = part
        place += 8 if flags & WORDS else 6
        place += next((size for flag, size in SCALES.items() if flags & flag), 0)
    return parts


def map_characters(codes):
    """The table from Unicode to glyphs, which stand in the order of their characters from 1 on."""
    runs = []
    for number, code in enumerate(codes, 1):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code, (number - code) & 0xFFFF])
    firsts, lasts, shifts = zip(*runs, (0xFFFF, 0xFFFF, 1), strict=True)
    count = len(firsts)
    power = 1 << count.bit_length() - 1
    size = 16 + 8 * count
    head = (4, size, 0, 2 * count, 2 * power, power.bit_length() - 1, 2 * (count - power))
    words = (*head, *lasts, 0, *firsts, *shifts, *[0] * count)
    return pack(">4HL", 0, 1, 3, 1, 12) + pack(f">{len(words)}H", *words)


def write_font(tables):
    power = 1 << len(tables).bit_length() - 1
    head = pack(">L4H", 0x10000, len(tables), 16 * power, power.bit_length() - 1, 16 * (len(tables) - power))
    tables["head"] = tables["head"][:8] + bytes(4) + tables["head"][12:]
    place, entries, bodies = len(head) + 16 * len(tables), [], []
    for name, table in sorted(tables.items()):
        body = table + bytes(-len(table) % 4)
        entries.append(name.encode() + pack(">3L", add_up(body), place, len(table)))
        place += len(body)
        bodies.append(body)
    file = head + b"".join(entries + bodies)
    at = file.index(tables["head"]) + 8
    return file[:at] + pack(">L", (0xB1B0AFBA - add_up(file)) & 0xFFFFFFFF) + file[at + 4 :]


def add_up(data):
    return sum(unpack(f">{len(data) // 4}L", data)) & 0xFFFFFFFF


def replace_short(table, place, number):
    return table[:place] + pack(">H", number) + table[place + 2 :]
