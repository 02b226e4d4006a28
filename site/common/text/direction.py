"""Text that runs from right to left inside text that does not."""

import re
from unicodedata import bidirectional

RIGHT_TO_LEFT_LETTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
ISOLATE, END = "\u2068", "\u2069"  # FIRST STRONG ISOLATE: its first letter says which way it runs


def isolate_text(text):
    """For a name or title in the middle of a line, of a page, a mail or paper: what stands beside it keeps its place.

    "محمد (2 tickets)" would else be shown as "(2 tickets) محمد". Text without such letters comes back as it is.
    """
    return f"{ISOLATE}{text}{END}" if RIGHT_TO_LEFT_LETTER.search(text) else text


def reading_direction(text):
    """ "rtl" or "ltr" by the first letter that has a direction, for paper, which cannot find out by itself."""
    strong = (bidirectional(character) for character in text)
    return "rtl" if next((each for each in strong if each in ("L", "R", "AL")), "L") != "L" else "ltr"
