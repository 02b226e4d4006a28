"""The pages of a document without their words: the tags, with a mark in the place of every text."""

import re
from html import unescape

from ticketing.documents import png_pictures

TOKEN = re.compile(r"<style[^<]*</style>|<[^<>]*>|[^<]+|<")
PICTURE = re.compile(r'(?<= src=")data:image/png;base64,[^"]*(?=" width="[^"]+" height="[^"]+")')
NEXT_PAGE = re.compile(r"<pdf:nextpage>\s*</pdf:nextpage>")
BODY, BODY_END = re.compile(r"<body[^<>]*>"), "</body>"
FIRST_MARK, LAST_MARK = 0xE000, 0xF8FF  # Unicode's private plane
MARK = re.compile("[\ue000-\uf8ff]")


def put_in(text, words):
    return MARK.sub(lambda mark: words[ord(mark[0]) - FIRST_MARK], text)


class Skeleton:
    """The tags of a page with a mark for each text and picture; the words that were there, and which may be kept."""

    def __init__(self):
        self.tokens, self.words, self.kept, self.pictures = [], [], set(), []

    def add(self, html):
        keeping = ""
        for token in TOKEN.findall(html):
            if token[0] != "<":
                self.tokens.append(token if token.isspace() else self.mark(token, keeping))
                continue
            if " data-kept" in token:
                keeping = f"</{token[1:].split(maxsplit=1)[0]}>"
            elif token == keeping:
                keeping = ""
            self.tokens.append(PICTURE.sub(self.take_picture, token) if 'src="data:' in token else token)
        return self

    def mark(self, text, keeping):
        mark = chr(FIRST_MARK + len(self.words))
        if keeping:
            self.kept.add(mark)
        self.words.append(unescape(text) if "&" in text else text)
        return mark

    def take_picture(self, found):
        if png_pictures.read_dots(found[0]) is None:
            return found[0]
        self.pictures.append(found[0])
        return png_pictures.BLANK_URI

    def __str__(self):
        return "".join(self.tokens)


def list_skeletons(html):
    found, end = BODY.search(html), html.rfind(BODY_END)
    if not found or end < found.end():
        return None
    head, body, tail = html[: found.end()], html[found.end() : end], html[end:]
    skeletons = [Skeleton().add(head).add(page).add(tail) for page in NEXT_PAGE.split(body)]
    return None if any(len(each.words) > LAST_MARK - FIRST_MARK for each in skeletons) else skeletons
