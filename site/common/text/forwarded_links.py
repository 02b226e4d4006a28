"""Links that were changed on their way: a full stop behind it, a line break in it, other letters, a slash too few."""

import re
import unicodedata

LONGEST = 500
SOFT_BREAK = re.compile(r"=\r?\n|=20(?=[\s/]|$)")  # how quoted-printable breaks a long line, and writes its last space
HUNG_ON = re.compile(r"[&?#<]")  # also what a mail program wrote as %3F and %23: no address of ours holds one
AFTER_LINK = ".,;:!?)]}>\"'`*|=\\”’»“‘«–—…、。！？）】」"
ORDERS, MY_DATA = ["tickets", "orders"], ["tickets", "my-data"]


def list_mended_paths(path):
    """What the path may have been before, without its last slash; the likeliest first, never `path` itself in other
    words. Letters of a token, where case counts, are tried as they are, then in lower case."""
    if len(path) > LONGEST:
        return
    joined = SOFT_BREAK.sub("", path)
    first = joined.split()[0] if joined.split() else ""
    whole = _without_spaces(joined)
    texts = (whole, _without_spaces(first), whole.rstrip(f"{AFTER_LINK}/_-"))
    for words in dict.fromkeys(map(_words_of, texts)):
        if not any(set(word) <= {"."} for word in words):
            yield from dict.fromkeys("".join(f"/{word}" for word in each) for each in _in_other_letters(words))


def _without_spaces(text):
    return "".join(each for each in text if not each.isspace() and not unicodedata.category(each).startswith("C"))


def _words_of(text):
    text = HUNG_ON.split(text, maxsplit=1)[0].rstrip(AFTER_LINK + "/")
    return tuple(word for word in text.split("/") if word)


def _in_other_letters(words):
    words, low = list(words), [word.lower() for word in words]
    if low[:2] == ORDERS and len(words) > 3:
        start = [*ORDERS, words[2].upper()]
    elif low[:2] == MY_DATA and len(words) > 2:
        start = MY_DATA
    else:
        return [words, low]
    at = len(start)
    return [[*start, token, *low[at + 1 :]] for token in (words[at], low[at])]
