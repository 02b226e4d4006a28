"""What a body says it is. Django would believe it any codec of Python, for the query too, and fail before any view."""

import re

WORD = r"[\w!#$&^.+-]{1,80}"
KIND = re.compile(rf"\s*+({WORD}/{WORD})", re.ASCII)
BOUNDARY = re.compile(r';\s*+boundary=("[^"]{1,70}"|[^\s;"]{1,70})', re.IGNORECASE)


class PlainContentTypes:
    """Around the site: a body's kind, and what stands between its parts. The rest is UTF-8, as all our forms are."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        environ["CONTENT_TYPE"] = plain_content_type(environ.get("CONTENT_TYPE", ""))
        return self.application(environ, start_response)


def plain_content_type(stated):
    """`text/plain; charset=hex` is `text/plain`; what is no kind at all is "", as if nothing had been said."""
    kind, boundary = KIND.match(stated), BOUNDARY.search(stated)
    if not kind:
        return ""
    return f"{kind[1]}; boundary={boundary[1]}" if boundary else kind[1]
