"""Codes and references as people type, scan, dictate and paste them: in small letters, in groups, in another script's
letters that look the same, between words and quotes, inside a link, behind what a scanner puts before them.

`letters` are those a code is made of. What looks or sounds like one of them is taken for it; where two of them look
alike (8 and B) nothing is guessed.
"""

import hmac
import re
import unicodedata

from common.text.typed_text import tidy_line, tidy_text

TICKET_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nobody misreads them aloud
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 and 1 either
ANY_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REFERENCE_LENGTH = 8

LONGEST = 500  # characters that are looked at: a link with words around it
WORD = re.compile(r"[0-9A-Z]+")
SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # what a scanner may say about the print before it: “]Q1”
LABELS = frozenset(["BOOKING", "CODE", "IS", "MY", "NO", "NUMBER", "ORDER", "REF", "REFERENCE", "TICKET"])
LOOKS_LATIN = str.maketrans("АВЕЅІЈКМНОРСТХУΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESIJKMHOPCTXYABEZHIKMNOPTYX")
TAKEN_FOR = {"O": "0Q", "0": "OQ", "I": "17", "L": "17", "1": "I7", "U": "V"}
"""What somebody meant who typed a letter that no code has: the first of these that codes do have."""


def find_code(text, letters, length, start=""):
    """The code of `length` letters, behind `start` (left out) where that is given; "" when there is none.

    Without a start the text must hold nothing else but words like “ref”.
    """
    meant = str.maketrans({sign: _meant(sign, letters) for sign in TAKEN_FOR if sign not in letters})
    words = [word.translate(meant) for word in _words(text)]
    if start:
        return _find_behind(start, words, letters, length)
    labels = {label.translate(meant) for label in LABELS}
    for code in ("".join(words), "".join(word for word in words if word not in labels)):
        if _is_code(code, letters, length):
            return code
    return ""


def find_reference(text):
    """`JE-` and eight letters, as an order has it, or ""; the `JE` may be missing where nothing else is said."""
    asked = (REFERENCE_LETTERS, REFERENCE_LENGTH)
    code = find_code(text, *asked, start="JE") or find_code(text, *asked)
    return f"JE-{code}" if code else ""


def find_typed_reference(text):
    """Nothing guessed: references of the earlier system may hold any letter and figure."""
    code = find_code(text, ANY_LETTERS, REFERENCE_LENGTH, start="JE")
    return f"JE-{code}" if code else ""


def tidy_code(text):
    """Capital letters and figures in one run, for codes of others, of whose letters nothing is known."""
    return "".join(_words(text))


def is_same_code(typed, wanted):
    """For a code that an organiser chose, of any letters. In constant time."""
    return hmac.compare_digest(_spoken(typed).encode(), _spoken(wanted).encode())


def _spoken(text):
    plain = "".join(each for each in _plain(text) if each.isalnum())
    return plain.translate(str.maketrans("OIL", "011")) or tidy_line(text)


def _find_behind(start, words, letters, length):
    for first in range(len(words)):
        joined = ""
        for word in words[first:]:
            joined += word
            if len(joined) >= len(start) + length:
                break
        if joined.startswith(start) and _is_code(joined[len(start) :], letters, length):
            return joined[len(start) :]
    return ""


def _is_code(text, letters, length):
    return len(text) == length and set(letters).issuperset(text)


def _meant(sign, letters):
    return next((each for each in TAKEN_FOR[sign] if each in letters), sign)


def _words(text):
    return WORD.findall(_plain(text))


def _plain(text):
    """In capitals, wide and round letters plain, without marks and what is not seen, figures of any script as ours."""
    text = tidy_text(text[:LONGEST]).strip()
    text = text[3:] if SYMBOLOGY.match(text) else text
    plain = unicodedata.normalize("NFKD", text).upper().translate(LOOKS_LATIN)
    return "".join(map(_figure, (each for each in plain if unicodedata.category(each)[0] != "M")))


def _figure(character):
    return str(unicodedata.decimal(character, character))
