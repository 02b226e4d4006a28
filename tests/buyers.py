"""Buyers over plain HTTP, as a browser without JavaScript would behave: cookies, forms, redirects. Many at a time."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Page:
    status: int
    path: str
    text: str
    location: str = ""


@dataclass
class Buyer:
    """One person with one browser. `requests` counts what it asked the site."""

    site: str
    name: str = "Ana Vautier"
    email: str = "ana@example.je"
    cookies: dict = field(default_factory=dict)
    requests: int = 0
    form: dict = field(default_factory=dict)

    def __post_init__(self):
        self.connection = HTTPConnection(urlsplit(self.site).netloc, timeout=60)

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, data):
        return self.ask("POST", path, urlencode(data))

    def ask(self, method, path, body=None, **others):
        headers = others | {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.site}
        self.requests += 1
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        self.last, self.content = answer.headers, answer.read()
        text = self.content.decode(errors="replace")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Page(answer.status, path, text, answer.headers.get("Location") or "")

    def hold(self, sale_id, quantities):
        """Posts the buy box; 303 when the seats are held."""
        return self.post(
            f"/tickets/sales/{sale_id}/hold/", {f"qty-{key}": number for key, number in quantities.items()}
        )

    def check_out(self):
        """Asks for the checkout page and sends its form; 303 leads to SumUp or to the finished order.

        Called again it sends the same form again, as a browser's reload does, if there is nothing new to fill in.
        """
        hidden = dict(HIDDEN.findall(self.get("/tickets/checkout/").text))
        if "group" in hidden:
            self.form = hidden | {"name": self.name, "email": self.email, "terms": "on"}
        return self.post("/tickets/checkout/", self.form)

    def buy(self, sale_id, quantities, *, look_at=""):
        """The whole purchase of something free; for something paid, as far as SumUp's page. Returns the last page."""
        if look_at:
            self.get(look_at)
        held = self.hold(sale_id, quantities)
        if held.status != 303:
            return held
        ordered = self.check_out()
        if ordered.status != 303 or not ordered.location.startswith("/"):
            return ordered
        return self.get(ordered.location)

    def submit(self, page, action, **data):
        """Sends the form on `page` that leads to `action`."""
        return self.post(action, {"csrfmiddlewaretoken": TOKEN.search(page.text)[1]} | data)

    def close(self):
        self.connection.close()


def crowd(number, visit, *, at_once=32):
    """`visit(n)` for every n, `at_once` at a time; their results in order, and the seconds it took."""
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        results = list(pool.map(visit, range(number)))
    return results, time.monotonic() - began
