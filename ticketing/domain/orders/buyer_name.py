"""Whether a text can be somebody's name. What strangers type as one goes into mails to whatever address they give, so
it must not carry an advertisement: no web address, no e-mail address, no telephone number. Unseen signs and breaks are
left out first (`common.text.typed_text`), so nothing hides behind them.

Every step looks at each character a fixed number of times: a long text costs no more than its length.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from common.text.typed_text import is_broken, is_readable, tidy_line

LONGEST_NAME = 120
TOP_LEVEL_DOMAINS_FILE = Path(__file__).with_name("top_level_domains.txt")

DOTS = str.maketrans({"\u3002": ".", "\u2044": "/", "\u2215": "/", "\u29f8": "/"})  # what NFKC leaves
HOST_PATTERN = re.compile(r"[\w.-]+")
LATIN_PREFIX = re.compile(
    r"[a-z0-9-]+(?=[\u0370-\u1dff\u2e80-\ud7ff])"
)  # mail programs end an address before another script
ADDRESS_CONTINUES = ("/", "?", "#", ":")  # with a path, a port: nobody's name
MOST_DIGITS = 6
IP_ADDRESS = re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")
ADDRESS_SIGNS = ("://", "www.", "http", "mailto:", "@")

# “Dr.Li” and “J.Black” are people whom somebody wrote without a space, though Li and Black are top-level domains.
TITLES = "br capt col dr fr geo jas jos jr lt ma miss mme mr mrs ms mx ph prof rev sgt sir sr sra st sta ste wm"
SURNAMES = (
    "abbott ba bentley black blue bond church day dell do ford fox gallo ge green hughes im joy kim la lancaster law "
    "li love lu ma man mo moe my ng ni page pohl ren rich schmidt so st star to vu walter wang weber weir xin"
)
TITLES, SURNAMES = frozenset(TITLES.split()), frozenset(SURNAMES.split())


def why_not_a_name(text):
    """Why this is no name of a person, in one sentence; "" when it may be one."""
    if is_broken(text):
        return _("A character of this name was lost on its way. Please type it again.")
    text = tidy_line(text)[: LONGEST_NAME + 1]
    if not is_readable(text):
        return _("Tell us your name, in letters that others can read.")
    plain = _fold_text(text)
    if any(sign in plain for sign in ADDRESS_SIGNS) or IP_ADDRESS.search(plain) or _has_domain(plain):
        return _("This looks like an address on the internet. Write the name alone, with a space after each full stop.")
    if sum(character.isdigit() for character in plain) > MOST_DIGITS:
        return _("There is a telephone number in this name. Write the name alone.")
    return ""


def _fold_text(text):
    """As a reader takes it: wide forms narrow, small letters, without marks, some of which are drawn as nothing."""
    text = unicodedata.normalize("NFKC", text).translate(DOTS).casefold()
    return "".join(character for character in text if unicodedata.category(character)[0] != "M")


def _has_domain(plain):
    """Whether what stands around a full stop is a host: “shop.com”, “.com”, “t.me”."""
    return any(_is_host(found[0], plain[found.end() :]) for found in HOST_PATTERN.finditer(plain))


def _is_host(text, after):
    labels = [label.strip("-_") for label in text.split(".")]
    for number, label in enumerate(labels[1:], 1):
        latin = LATIN_PREFIX.match(label)
        last = latin[0] if latin else label
        if last in read_top_level_domains() and (
            after.startswith(ADDRESS_CONTINUES) or not _is_person(labels[:number], last)
        ):
            return True
    return False


def _is_person(before, last):
    return last in SURNAMES and all(label in TITLES or len(label) == 1 for label in before)


@cache
def read_top_level_domains():
    """In lower case, each also in the letters of its own script."""
    lines = TOP_LEVEL_DOMAINS_FILE.read_text(encoding="ascii").splitlines()
    known = {line for line in lines if line and not line.startswith("#")}
    return known | {_fold_text(name.encode().decode("idna")) for name in known if name.startswith("xn--")}
