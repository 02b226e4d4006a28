"""gunicorn's access log. In no format does a line hold what opens an order."""

from urllib.parse import quote, urlsplit

from gunicorn.glogging import Logger as GunicornLogger

from common.logs.redaction import cut_text, hide_tokens, scrub_text

KEPT = "hltsmHbBTDMLp"  # gunicorn's letters for what no visitor writes
NAME = "{x-request-id}o"


class Logger(GunicornLogger):
    def atoms(self, resp, req, environ, request_time):
        """No query, no header but the browser's name, and of the page that led here only the host."""
        found = super().atoms(resp, req, environ, request_time)
        path = loggable_path(environ)
        told = {
            "r": f"{found['m']} {path} {found['H']}",
            "U": path,
            "f": scrub_text(referring_host(found["f"])),
            "a": scrub_text(found["a"]),
            NAME: found.get(NAME, "-"),
        }
        return {letter: found[letter] for letter in KEPT} | told


def loggable_path(environ):
    """Without its token, and quoted again: what a visitor writes may not end the line."""
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace")
    return hide_tokens(cut_text(quote(path, safe="/:@!$&()*+,;=~")))


def referring_host(page):
    try:
        return urlsplit(page).hostname or "-"
    except ValueError:
        return "-"
