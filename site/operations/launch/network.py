"""Requests to other machines: beside the work, with a limit of time; and a visit of the site at its public address."""

import contextvars
import queue
import re
import ssl
import threading
import time
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from urllib.parse import urlsplit

from django.urls import reverse

PATIENCE = 8  # seconds from the first question of a run to the last answer
WAIT = 4  # seconds for one answer
EXAMPLE = "css/site.css"
LINK = re.compile(rb'href="([^"]*/css/site\.(?:[0-9a-f]+\.)?css)"')
LONGEST = 1_000_000  # bytes of a page
NO_ANSWER = (OSError, HTTPException)


class TooSlow(Exception):
    """There was no answer in time."""


class BackgroundCall:
    """Calls a function at once in a thread of its own; `answer()` waits for it. Not for queries of the database.

    It runs in the caller's context, so that time limits of a web request hold here too.
    """

    def __init__(self, function, *args, patience=PATIENCE):
        self.answers = queue.SimpleQueue()
        self.until = time.monotonic() + patience
        self.known = None
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._call, function, args), daemon=True).start()

    def answer(self):
        """What the function returned; raises what it raised, or `TooSlow`. The same however often it is called."""
        if self.known is None:
            try:
                self.known = self.answers.get(timeout=max(0.001, self.until - time.monotonic()))
            except queue.Empty:
                self.known = None, TooSlow()
        value, error = self.known
        if error:
            raise error
        return value

    def _call(self, function, args):
        try:
            self.answers.put((function(*args), None))
        except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
            self.answers.put((None, error))


class NotReached(Exception):
    """The home page could not be reached, so nothing else was requested."""


@dataclass(frozen=True)
class PageResponse:
    status: int
    headers: HTTPMessage
    certificate_ends: datetime | None = None
    body: bytes = b""

    def header(self, name):
        return self.headers.get(name, "")

    @property
    def cookies(self):
        return self.headers.get_all("Set-Cookie") or []


@dataclass
class SiteVisit:
    """The answer to each request; one that got none is missing, with the reason in `trouble`."""

    answers: dict = field(default_factory=dict)
    trouble: dict = field(default_factory=dict)

    def __getitem__(self, name):
        if name in self.trouble:
            raise self.trouble[name]
        return self.answers.get(name)


def visit_site(site_url):
    """Requests the home page first: when that cannot be reached, nothing else."""
    found = SiteVisit()
    _fetch_into(found, "home", site_url + "/")
    if found.trouble:
        found.trouble |= dict.fromkeys(("headers", "health", "sign-in", "static", "plain"), NotReached())
        return found
    found.answers["headers"] = found.answers["home"]
    _fetch_into(found, "health", site_url + reverse("health"))
    _fetch_into(found, "sign-in", site_url + reverse("wagtailadmin_login"))
    if static_url := find_style_sheet(found.answers["home"]):
        _fetch_into(found, "static", static_url if "://" in static_url else site_url + static_url)
    if urlsplit(site_url).port is None:
        _fetch_into(found, "plain", site_url.replace("https://", "http://", 1) + "/")
    return found


def find_style_sheet(page):
    """The address of EXAMPLE under its present name, which a machine that serves no pages may not know; or ""."""
    link = LINK.search(page.body)
    return link[1].decode(errors="replace") if link else ""


def fetch_url(url):
    """GET without following redirects. Raises NO_ANSWER; a certificate that does not fit is an `ssl.SSLError`."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        connection = HTTPSConnection(parts.hostname, parts.port, timeout=WAIT, context=ssl.create_default_context())
    else:
        connection = HTTPConnection(parts.hostname, parts.port, timeout=WAIT)
    try:
        connection.connect()
        ends = _certificate_end(connection.sock)
        connection.request("GET", parts.path or "/", headers={"User-Agent": "launch-check", "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        return PageResponse(answer.status, answer.headers, ends, read_body(answer))
    finally:
        connection.close()


def read_body(answer):
    """The beginning of it, uncompressed."""
    body = answer.read(LONGEST)
    if answer.headers.get("Content-Encoding") != "gzip":
        return body
    try:
        return zlib.decompressobj(31).decompress(body, LONGEST)
    except zlib.error:
        return b""


def measure_clock_offset(url):
    """Seconds that the clock of that machine is ahead of ours, by the Date of its answer; None without one."""
    began = time.time()
    date = fetch_url(url + "/").header("Date")
    middle = (began + time.time()) / 2
    return round(parsedate_to_datetime(date).timestamp() - middle) if date else None


def _fetch_into(found, name, url):
    try:
        found.answers[name] = fetch_url(url)
    except NO_ANSWER as error:
        found.trouble[name] = error


def _certificate_end(sock):
    if not isinstance(sock, ssl.SSLSocket):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(sock.getpeercert()["notAfter"]), UTC)
