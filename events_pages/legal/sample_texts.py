"""Starting texts of the legal pages, and whether a page still shows one. Not legal advice.

What only the owner of a site knows stands in square brackets. A text is their own once no blank is left in it.
"""

import re
from pathlib import Path

from bs4 import BeautifulSoup
from django.utils.html import escape

TEXTS_FOLDER = Path(__file__).parent / "legal_texts"
AROUND_BLOCKS = re.compile(r" ?(</?(?:h2|li|p|ul)>) ?")
BLANK = re.compile(r"\[([^\[\]]+)\]")


def sample_text(kind, answers=None):
    """Rich text. `answers` fills blanks: {words between the brackets: text}."""
    known = {blank: text for blank, text in (answers or {}).items() if text}
    text = " ".join((TEXTS_FOLDER / f"{kind}.html").read_text(encoding="utf-8").split())
    text = AROUND_BLOCKS.sub(r"\1", text)
    return BLANK.sub(lambda blank: escape(known[blank[1]]) if blank[1] in known else blank[0], text)


def answers_from_settings(settings):
    return {
        "name of the organisation": settings.organisation_name,
        "contact e-mail": settings.contact_email,
        "privacy e-mail": settings.privacy_email or settings.contact_email,
    }


def list_blanks(page):
    return list(dict.fromkeys(BLANK.findall(text_meaning(page.body)[0])))


def is_sample_text(page):
    said = text_meaning(page.body)
    return not said[0] or bool(BLANK.search(said[0])) or said == text_meaning(sample_text(page.kind))


def text_meaning(html):
    """(words, addresses) without the markup, which the editor changes."""
    soup = BeautifulSoup(html, "html.parser")
    words = " ".join(soup.get_text(" ").split())
    return words, [link.get("href") or link.get("id") for link in soup.find_all("a")]
