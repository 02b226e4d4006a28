"""Requests as they come in, and how slow and large they and their answers may be. Only where one ends is found here;
what it says is gunicorn's to read."""

import io
import re
from tempfile import SpooledTemporaryFile

from gunicorn.util import split_request_uri, unquote_to_wsgi_str

from common.http.body_sizes import KIBIBYTE, longest_body

HEAD_SECONDS = 10
"""From the first chance to send until the head is complete; a body, and taking the answer, get so much as a start."""
SLOWEST = 32 * KIBIBYTE  # bytes a second that a body must come in, and an answer be taken, on top of that
LINGER = 2  # seconds in which a refused client may finish its sentence, so that it can read why
LONGEST_HEAD = 32 * KIBIBYTE
IN_MEMORY = 128 * KIBIBYTE  # of a request; what is longer is a large one and waits on the disk
MOST_LARGE = 24  # that one process may be reading at once
MOST_UNSENT = 512 * KIBIBYTE  # of an answer in memory, until the thread waits for the client. Files wait on the disk
PIECE = 64 * KIBIBYTE


MOST_DIGITS = 15  # of a length

LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)


class IncomingRequest:
    """A request as it comes in, and what came behind it. Its end is found here; gunicorn parses it afterwards."""

    def __init__(self, begun=b""):
        self.begun, self.rest, self.head_ends, self.missing = bytearray(), b"", False, 0
        self.whole, self.is_large, self.is_awaited = None, False, False
        self.body_refused = self.wants_word = False
        self.add(begun)

    def add(self, data):
        if not self.head_ends:
            self.begun += data
            self.look_for_head()
        else:
            self.keep(data)

    @property
    def is_complete(self):
        return self.head_ends and not self.missing

    @property
    def is_too_long(self):
        return not self.head_ends and len(self.begun) > LONGEST_HEAD

    def look_for_head(self):
        if self.begun[:2] == b"\r\n":  # RFC 9112 section 2.2: one empty line before the request means nothing
            del self.begun[:2]
        end = self.begun.find(b"\r\n\r\n", max(0, len(self.begun) - PIECE - 3))
        if end < 0 or end > LONGEST_HEAD:
            return
        head, more = bytes(self.begun[: end + 4]), bytes(self.begun[end + 4 :])
        length = self.length_after(head)
        self.head_ends, self.missing, self.is_large = True, len(head) + length, length > IN_MEMORY
        self.wants_word = bool(length and CONTINUE.search(head))
        self.whole = SpooledTemporaryFile(max_size=2 * IN_MEMORY) if self.is_large else io.BytesIO()  # noqa: SIM115
        self.keep(head + more)

    def length_after(self, head):
        """Bytes of the body to wait for. A body that is too long, or does not say how long it is, stays where it is:
        the site refuses it by its head."""
        stated = LENGTH.search(head)
        is_absurd = stated and len(stated[1]) > MOST_DIGITS
        length = int(stated[1]) if stated and not is_absurd else 0
        self.body_refused = bool(is_absurd or CHUNKED.search(head) or length > longest_body(path_of_head(head)))
        return 0 if self.body_refused else length

    def keep(self, data):
        own, self.rest = data[: self.missing], self.rest + data[self.missing :]
        self.whole.write(own)
        self.missing -= len(own)
        if not self.missing:
            self.whole.seek(0)

    def close(self):
        if self.whole:
            self.whole.close()


def path_of_head(head):
    """As gunicorn tells it to the site; "" for what it will refuse."""
    try:
        return unquote_to_wsgi_str(split_request_uri(head.split(None, 2)[1].decode("latin-1")).path)
    except (ValueError, IndexError):
        return ""
