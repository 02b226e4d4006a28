"""What stands in for characters that no face of ours draws, so that nothing is printed as a box."""

import logging
from unicodedata import category, normalize

from anyascii import anyascii
from django.utils.html import escape

from ticketing import faces

logger = logging.getLogger(__name__)
UNKNOWN = "?"


def replace_unknown(html):
    """The page with composed letters, and a stand-in for each character that paper cannot show."""
    html = normalize("NFC", html)
    unknown = {character for character in set(html) if is_unknown(character)}
    if not unknown:
        return html
    logger.warning("paper has no shape for %s", ", ".join(sorted(f"U+{ord(character):04X}" for character in unknown)))
    return html.translate({ord(character): escape(stand_in(character)) for character in unknown})


def is_unknown(character):
    return ord(character) not in faces.known_codes() and not character.isspace()


def stand_in(character):
    """A fancy letter's plain one, else how it sounds, else a question mark. What draws nothing is left out."""
    plain = normalize("NFKC", character)
    if plain != character and not any(map(is_unknown, plain)):
        return plain
    if category(character) in ("Mn", "Me", "Cf", "Cc"):
        return ""
    return anyascii(character) or UNKNOWN
