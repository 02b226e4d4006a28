"""The site as its visitors find it: asked over the network by its public address, like anybody else would."""

import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from urllib.parse import urlsplit

from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse

WAIT = 4  # seconds for one answer
EXAMPLE = "css/site.css"
NO_ANSWER = (OSError, HTTPException)


class NotReached(Exception):
    """The home page was not to be had, so nothing else was asked."""


@dataclass(frozen=True)
class PageResponse:
    status: int
    headers: HTTPMessage
    certificate_ends: datetime | None = None

    def header(self, name):
        return self.headers.get(name, "")

    @property
    def cookies(self):
        return self.headers.get_all("Set-Cookie") or []


@dataclass
class SiteVisit:
    """One answer for each question; those that got none are missing, with the reason in `trouble`."""

    answers: dict = field(default_factory=dict)
    trouble: dict = field(default_factory=dict)

    def __getitem__(self, name):
        """Raises what stood in the way."""
        if name in self.trouble:
            raise self.trouble[name]
        return self.answers.get(name)


def visit_site(site_url, static_url):
    """Home first: if that cannot be reached, nothing else is asked."""
    found = SiteVisit()
    _fetch_into(found, "home", site_url + "/")
    if found.trouble:
        found.trouble |= dict.fromkeys(("headers", "health", "sign-in", "static", "plain"), NotReached())
        return found
    found.answers["headers"] = found.answers["home"]
    _fetch_into(found, "health", site_url + reverse("health"))
    _fetch_into(found, "sign-in", site_url + reverse("wagtailadmin_login"))
    if static_url:
        _fetch_into(found, "static", static_url if "://" in static_url else site_url + static_url)
    if urlsplit(site_url).port is None:
        _fetch_into(found, "plain", site_url.replace("https://", "http://", 1) + "/")
    return found


def static_file_url():
    """The address of a file that every page needs; "" when the static files were not collected."""
    try:
        return staticfiles_storage.url(EXAMPLE)
    except ValueError:
        return ""


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
        return PageResponse(answer.status, answer.headers, ends)
    finally:
        connection.close()


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
