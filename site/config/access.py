"""gunicorn's access log. In no format does a line hold what opens an order."""

from urllib.parse import quote, urlsplit

from gunicorn.glogging import Logger as GunicornLogger

from config.reports import cut, hide_tokens, scrub

KEPT = "hltsmHbBTDMLp"  # gunicorn's letters for what no visitor writes
NAME = "{x-request-id}o"


class Logger(GunicornLogger):
    def atoms(self, resp, req, environ, request_time):
        """No query, no header but the browser's name, and of the page that led here only the host."""
        found = super().atoms(resp, req, environ, request_time)
        path = address(environ)
        told = {
            "r": f"{found['m']} {path} {found['H']}",
            "U": path,
            "f": scrub(host_of(found["f"])),
            "a": scrub(found["a"]),
            NAME: found.get(NAME, "-"),
        }
        return {letter: found[letter] for letter in KEPT} | told


def address(environ):
    """Without its token, and quoted again: what a visitor writes may not end the line."""
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace")
    return hide_tokens(cut(quote(path, safe="/:@!$&()*+,;=~")))


def host_of(page):
    try:
        return urlsplit(page).hostname or "-"
    except ValueError:
        return "-"
