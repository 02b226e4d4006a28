"""Text that people type and paste, as it is kept: composed (NFC), without what nobody sees, without what breaks a file.

Kept are the invisible signs that change what a reader sees: joiners inside a word of a script that joins and inside an
emoji, variation selectors behind what has variants, the tags of a flag. Every step looks at each character a fixed
number of times, and what is tidy stays as it is.
"""

import re
import unicodedata

MOST_MARKS = 6
"""Marks on one letter: Burmese words carry five."""
MOST_ACCENTS = 3
"""Of those, accents that fit any letter. What is composed to one letter (Vietnamese) counts none."""

LINES = "\n\r\x0b\x0c\x85\u2028\u2029"  # slides break their lines by U+000B
SPACES = "\t\x1c-\x20\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
ODD_SPACES = "\x1c-\x1f\u1680\u2000-\u200a\u205f\u2800\u3000"  # those that no text of several lines needs
NEVER_SEEN = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffc\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
    "\ud800-\udfff"  # halves of a character
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private: drawn as each font likes
    "\ufdd0-\ufdef" + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0xF0000, 0x10000))
)
PICTURES = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
IDEOGRAPHS = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
MONGOLIAN = "\u1820-\u18aa"
HAS_VARIANTS = f"{PICTURES}{IDEOGRAPHS}\u1000-\u109f\ua840-\ua877"
ACCENTS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"

LINE_BREAK = re.compile(f"\r\n|[{LINES}]")
ONE_LINE_SPACE = re.compile(f"[{LINES}{SPACES}]+")
ODD_SPACE = re.compile(f"[{ODD_SPACES}]")
UNSEEN = re.compile(f"[{NEVER_SEEN}]+")
TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{1,6}\U000e007f)|[\U000e0020-\U000e007f]")
VARIATION = re.compile(
    f"(?<![{HAS_VARIANTS}])(?!(?<=[0-9#*])\ufe0f\u20e3)[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    f"|(?<![{MONGOLIAN}])[\u180b-\u180d\u180f]|(?<![{MONGOLIAN}\u180b-\u180d\u180f])\u180e|\u180e(?![{MONGOLIAN}])"
)
JOINERS = re.compile("[\u200c\u200d]+")
PICTURE = re.compile(f"[{PICTURES}]")
PICTURE_END = re.compile(f"[{PICTURES}\ufe0f\u20e3\U000e007f]")
ACCENT = re.compile(f"[{ACCENTS}]")
FIRST_JOINED = "\u0590"  # no script before it joins by these
HALF = re.compile("[\ud800-\udfff]")
VIRAMA = 9  # the combining class of the signs that end a syllable
MOST_ROUNDS = 3  # what one round leaves out may bring together what the next one judges


def tidy_line(text):
    return _tidy(ONE_LINE_SPACE.sub(" ", text)).strip()


def tidy_text(text):
    """Lines, tabs, runs of spaces and spaces that do not break stay."""
    return _tidy(ODD_SPACE.sub(" ", LINE_BREAK.sub("\n", text)))


def is_readable(text):
    """A letter, a figure or a picture; marks, joiners and points alone are nothing."""
    return any(unicodedata.category(each)[0] in "LN" or PICTURE.match(each) for each in tidy_line(text))


def is_broken(text):
    """Half of a character, which no database keeps, or the sign of one that was lost."""
    return bool(HALF.search(text)) or "\ufffd" in text


def _tidy(text):
    for _round in range(MOST_ROUNDS):
        before, text = text, _tidy_once(text)
        if text == before:
            break
    return text


def _tidy_once(text):
    text = UNSEEN.sub("", text)
    if text.isascii():
        return text
    text = VARIATION.sub("", TAGS.sub(r"\1", text))
    return _bound_marks(unicodedata.normalize("NFC", JOINERS.sub(_joiner, text)))


def _joiner(found):
    """The first of several joiners where it changes what is seen, else nothing."""
    text, start, end = found.string, found.start(), found.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    joins_letters = _is_joined(before) and (_is_joined(after) or unicodedata.combining(before) == VIRAMA)
    joins_pictures = found[0][0] == "\u200d" and PICTURE_END.match(before) and PICTURE.match(after)
    return found[0][0] if joins_letters or joins_pictures else ""


def _is_joined(letter):
    return letter > FIRST_JOINED and unicodedata.category(letter)[0] in "LM" and not VARIATION.match(letter)


def _bound_marks(text):
    kept, marks, accents = [], 0, 0
    for character in text:
        if unicodedata.category(character)[0] != "M":
            marks = accents = 0
        else:
            marks, accents = marks + 1, accents + bool(ACCENT.match(character))
            if marks > MOST_MARKS or accents > MOST_ACCENTS:
                continue
        kept.append(character)
    return "".join(kept)


# Control characters but for tab and line ends, half a surrogate pair, and what Unicode calls no character.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def drop_unwritable(text):
    """Line ends stay."""
    return UNWRITABLE.sub("", text)


def write_in_line(text):
    return " ".join(drop_unwritable(text).split())
