"""`make load URL=https://staging.example.je/events/free/`: buyers of a free ticket at a site that runs somewhere.

Each makes a real order. Any host but loopback and one named staging or test is asked only with CONFIRM=its-name.
"""

import ipaddress
import os
import socket
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from bench import rush
from bench.browser import Browser
from bench.report import Report, percentile

REHEARSALS = ("staging", "test")
USE = "make load URL=https://staging.example.je/events/free-concert/ BUYERS=200 AT_ONCE=32"


class RemoteBrowser(Browser):
    """Of any address, over TLS too; reads whatever a router makes of an answer's length."""

    def __init__(self, site):
        super().__init__(site.port or (443 if site.scheme == "https" else 80))
        self.site, self.host, self.origin = site, site.netloc, f"{site.scheme}://{site.netloc}"

    def connect(self):
        connection = socket.create_connection((self.site.hostname, self.port), **self.options)
        if self.site.scheme == "http":
            return connection
        return ssl.create_default_context().wrap_socket(connection, server_hostname=self.site.hostname)

    def converse(self, message):
        try:
            self.connection.sendall(message)
            answer = HTTPResponse(self.connection)
            answer.begin()
            body = answer.read()
        except HTTPException as error:
            raise OSError(f"no whole answer: {type(error).__name__}") from error
        if answer.will_close:
            self.connection.close()
            self.connection = None
        head = "".join(f"\r\n{name}: {value}" for name, value in answer.getheaders())
        return answer.status, f"{head}\r\n".encode(), body


def main(environment):
    site = read_site(environment)
    buyers, at_once = (read_number(environment, name, default) for name, default in (("BUYERS", 200), ("AT_ONCE", 32)))
    report = Report(f"{buyers} buyers of a free ticket, {at_once} at a time, at {site.netloc}")
    crowd = send_buyers(site, buyers, at_once)
    add_figures(report, crowd)
    report.show()
    return 1 if crowd.outcomes[rush.TROUBLE] else 0


def read_site(environment):
    """Exits with a sentence where it must not or cannot begin."""
    site = urlsplit(environment.get("URL", ""))
    if site.scheme not in ("http", "https") or not site.hostname or len(site.path) < 2:
        sys.exit(f"URL must be the whole address of a free event's page: {USE}")
    if not is_rehearsal(site.hostname) and environment.get("CONFIRM") != site.hostname:
        sys.exit(
            f"{site.hostname} may be where people buy: every buyer of this takes a seat and gets a mail. "
            f"If that is meant, add CONFIRM={site.hostname}"
        )
    return site


def is_rehearsal(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or any(word in REHEARSALS for word in host.replace("-", ".").split("."))


def read_number(environment, name, default):
    value = environment.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 100_000):
        sys.exit(f"{name} must be a whole number from 1 to 100000, not {value!r}.")
    return int(value)


def send_buyers(site, buyers, at_once):
    def buy(number):
        with RemoteBrowser(site) as browser:
            return rush.buy_with(browser, site.path, number)

    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as crowd:
        purchases = list(crowd.map(buy, range(buyers)))
    return rush.Rush(purchases, time.monotonic() - began)


def add_figures(report, crowd):
    bought = [each.seconds for each in crowd.of(rush.BOUGHT)]
    report.add("purchases", len(bought) / crowd.seconds, "/s")
    for percent in (50, 95, 99) if bought else ():
        report.add(f"a purchase takes, p{percent}", percentile(bought, percent) * 1000, "ms")
    report.add("bought", len(bought))
    report.add("told that it is sold out", crowd.outcomes[rush.REFUSED])
    report.add("buyers in trouble", crowd.outcomes[rush.TROUBLE], most=0)
    for each in crowd.of(rush.TROUBLE)[:3]:
        report.note(each.detail)


if __name__ == "__main__":
    sys.exit(main(os.environ))
