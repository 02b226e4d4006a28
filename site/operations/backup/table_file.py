"""Files of lines: written once with their hash, read back only when the hash is right."""

import gzip
import hashlib

LONGEST_LINE = 64 * 1024 * 1024  # of bytes: one row, however long the page in it
GZIP_LEVEL = 3  # of gzip: the higher ones save a tenth and take twice as long


class HashingWriter:
    """Something to write to that remembers the hash and passes on."""

    def __init__(self, out=None):
        self.sha, self.out = hashlib.sha256(), out

    def write(self, data):
        self.sha.update(data)
        if self.out:
            self.out.write(data)
        return len(data)

    @property
    def hex(self):
        return self.sha.hexdigest()


def write_table_file(path, fill):
    """Calls `fill(out)` with a gzip file behind `out`; returns (what it returned, the hash of the lines)."""
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as packed:
        out = HashingWriter(packed)
        return fill(out), out.hex


def open_table_file(path):
    return gzip.open(path, "rb")


def read_lines(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line[:-1]
