"""Text without what no file can carry: signs that XML, a workbook, a calendar or a mail refuses, or that UTF-8 cannot
write."""

import re

# Control characters but for tab and line ends, half a surrogate pair, and what Unicode calls no character.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def drop_unwritable(text):
    """Line ends stay."""
    return UNWRITABLE.sub("", text)


def write_in_line(text):
    return " ".join(drop_unwritable(text).split())
