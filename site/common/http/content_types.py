"""Content types of request bodies. Django would believe any codec of Python, for the query too, and fail before any
view."""

import re

WORD = r"[\w!#$&^.+-]{1,80}"
KIND = re.compile(rf"\s*+({WORD}/{WORD})", re.ASCII)
BOUNDARY = re.compile(r';\s*+boundary=("[^"]{1,70}"|[^\s;"]{1,70})', re.IGNORECASE)


class PlainContentTypes:
    """WSGI middleware: leaves the type and the boundary of a body. The rest is UTF-8, as all our forms are."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        environ["CONTENT_TYPE"] = plain_content_type(environ.get("CONTENT_TYPE", ""))
        return self.application(environ, start_response)


def plain_content_type(stated):
    """`text/plain; charset=hex` becomes `text/plain`; what is no type becomes ""."""
    kind, boundary = KIND.match(stated), BOUNDARY.search(stated)
    if not kind:
        return ""
    return f"{kind[1]}; boundary={boundary[1]}" if boundary else kind[1]
