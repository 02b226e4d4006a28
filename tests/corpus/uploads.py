"""Files as people and attackers send them: each name goes with each kind of content somewhere."""

import csv
import zipfile
from io import BytesIO, StringIO

from PIL import Image

from tests.corpus.strings import MARK, TAME


def picture(kind, mode="RGB", size=(20, 30)):
    data = BytesIO()
    Image.new(mode, size).save(data, kind)
    return data.getvalue()


def table(delimiter=","):
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["from", "to"])
    for number, words in enumerate(TAME):
        writer.writerow([f"/{number} {words}", f"/events/?q={words}"])
    return text.getvalue()


def archive():
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", "<!DOCTYPE x [<!ENTITY a 'a'>]><x>&a;</x>")
    return data.getvalue()


NAMES = (
    f"{MARK}.png",
    "../../../etc/passwd.png",
    "po\x00ster.png",
    "a" * 300 + ".png",
    "постер 李 👨‍👩‍👧.png",
    "\u202egnp.exe.png",
    "=cmd|' /C calc'!A0.csv",
    "X\r\nSet-Cookie: a=b.png",
    ".png",
    "CON.png",
    "no-suffix",
    "table.csv",
    "table.tsv",
    "table.xlsx",
    "paper.pdf",
    "page.html",
    "\ufeffe\u0301.txt",
    "half\udfff.png",
)
CONTENTS = (
    picture("PNG"),
    picture("PNG", "I;16"),
    picture("JPEG", "CMYK"),
    picture("GIF", "P"),
    picture("WEBP", "RGBA"),
    picture("PNG", "1", (1, 3_000)),
    picture("PNG")[:40],
    b"",
    b"\x00" * 2_000,
    b"<svg onload='alert(1)'/>",
    b"%PDF-1.7 half",
    archive(),
    b"\xff\xd8\xff",
    b"GIF89a",
)
TABLES = (
    table().encode(),
    table().encode("utf-8-sig"),
    table("\t").encode("utf-16"),
    b"from,to\n\xff\xfe\x00,\x80\n",
    b'from,to\n"never closed,\n',
    b"one column\n/a\n",
)


def uploads_for(number):
    """Each name once, with another content for each field; tables also under names that imports read."""
    pairs = [(name, CONTENTS[(index + number) % len(CONTENTS)]) for index, name in enumerate(NAMES)]
    return [*pairs, *(("table.csv", content) for content in TABLES), ("table.tsv", TABLES[2])]
