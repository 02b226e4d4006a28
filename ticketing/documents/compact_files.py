"""The bytes of a PDF: small objects are packed and compressed together, as PDF 1.5 permits, and so is the index."""

import zlib
from struct import pack

from reportlab.pdfbase import pdfdoc

HEAD = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
MOST_PACKED = 200  # objects in one pack: readers unpack a whole one for one object


class CompactDocument(pdfdoc.PDFDocument):
    """Reportlab's document; only the file is written in another way."""

    def format(self):
        self.encrypt.prepare(self)
        root, info = self.Reference(self.Catalog), self.Reference(self.info)
        loose, packed = self.format_objects()
        file, index = [HEAD], {}
        place = len(HEAD)
        for number, body in loose + self.pack_objects(packed, index):
            index[number] = (1, place, 0)
            file.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
            place += len(file[-1])
        trailer = b"/Root %s /Info %s" % (pdfdoc.format(root, self), pdfdoc.format(info, self))
        file.append(write_index(index, place, trailer))
        return b"".join(file)

    def format_objects(self):
        """(number, bytes) of the objects: streams, and all others. Formatting may make new ones."""
        loose, packed, number = [], [], 1
        while number in self.numberToId:
            content = self.idToObject[self.numberToId[number]]
            body = pdfdoc.format(content, self, toplevel=1).strip()
            (loose if body.endswith(b"endstream") else packed).append((number, body))
            number += 1
        return loose, packed

    def pack_objects(self, objects, index):
        packs, number = [], len(self.numberToId) + 1
        for start in range(0, len(objects), MOST_PACKED):
            part = objects[start : start + MOST_PACKED]
            packs.append((number, pack_stream(part)))
            index |= {each: (2, number, place) for place, (each, _body) in enumerate(part)}
            number += 1
        return packs


def pack_stream(objects):
    places, bodies, place = [], [], 0
    for number, body in objects:
        places.append(b"%d %d" % (number, place))
        bodies.append(body)
        place += len(body) + 1
    head = b" ".join(places) + b"\n"
    facts = b"/Type /ObjStm /N %d /First %d" % (len(objects), len(head))
    return make_stream(facts, head + b"\n".join(bodies))


def make_stream(facts, content):
    content = zlib.compress(content, 9)
    return b"<<%s /Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream" % (facts, len(content), content)


def write_index(index, place, trailer):
    own = max(index) + 1
    rows = [(0, 0, 0), *(index[number] for number in range(1, own)), (1, place, 0)]
    content = b"".join(pack(">BLH", *row) for row in rows)
    facts = b"/Type /XRef /W [1 4 2] /Size %d %s" % (len(rows), trailer)
    stream = make_stream(facts, content)
    return b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, stream, place)
