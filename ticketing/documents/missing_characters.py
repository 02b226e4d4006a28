"""What stands in for characters that no face of ours draws, so that nothing is printed as a box."""

import logging
from unicodedata import category, normalize

from anyascii import anyascii
from django.utils.html import escape

from ticketing.documents import font_families

logger = logging.getLogger(__name__)
UNKNOWN_MARK = "?"


def replace_missing_characters(html):
    """The page with composed letters, and a stand-in for each character that paper cannot show."""
    html = normalize("NFC", html)
    unknown = {character for character in set(html) if is_missing_character(character)}
    if not unknown:
        return html
    logger.warning("paper has no shape for %s", ", ".join(sorted(f"U+{ord(character):04X}" for character in unknown)))
    return html.translate({ord(character): escape(substitute_for(character)) for character in unknown})


def is_missing_character(character):
    return ord(character) not in font_families.known_codes() and not character.isspace()


def substitute_for(character):
    """A fancy letter's plain one, else how it sounds, else a question mark. What draws nothing is left out."""
    plain = normalize("NFKC", character)
    if plain != character and not any(map(is_missing_character, plain)):
        return plain
    if category(character) in ("Mn", "Me", "Cf", "Cc"):
        return ""
    return anyascii(character) or UNKNOWN_MARK
