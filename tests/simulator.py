"""The SumUp simulator for tests: real HTTP on a free port, in a thread of the test's own process."""

import json
import threading
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from sumup_simulator.server import SimulatorServer


class Page(NamedTuple):
    status: int
    location: str | None
    text: str


class SimulatorRefusal(Exception):
    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


class RunningSimulator:
    """`with RunningSimulator() as sim:` then `sim.url`, `sim.pay("JE-1")`, `sim.fault("slow", seconds=1)`."""

    api_key = "sup_sk_demo"
    merchant_code = "MDEMO001"

    def __init__(self, port=0):
        self.port = port

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """After `stop`, the same port again, with nothing remembered."""
        self.server = SimulatorServer(("127.0.0.1", self.port))
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.stop()
        self.thread.join()

    def pay(self, reference=None, **options):
        """As a person would on the page; `card=`, `checkout_id=`, `force=True` for money that comes late."""
        return self.control("POST", "pay", _which(reference, options))

    def decline(self, reference=None, **options):
        return self.control("POST", "decline", _which(reference, options))

    def fault(self, name, **script):
        """`sim.fault("server_error", operation="get", times=3)`; site/sumup_simulator/faults.py lists them."""
        return self.control("POST", "faults", {"name": name} | script)

    def faults(self):
        return self.control("GET", "faults")

    def clear_faults(self):
        return self.control("DELETE", "faults")

    def clock(self, offset_seconds):
        return self.control("POST", "clock", {"offset_seconds": offset_seconds})

    def settings(self, **settings):
        """site/sumup_simulator/control.py lists them; the answer has all of them."""
        return self.control("POST", "settings", settings)

    def callback(self, reference=None, **options):
        return self.control("POST", "callback", _which(reference, options))

    def consent(self, authorize_url, person="Ana", *, deny=False):
        """Opens the page SumUp asks people on and answers it. The URL the browser is sent back to."""
        parts = urlsplit(authorize_url)
        page = self.fetch("GET", f"{parts.path}?{parts.query}")
        if page.status == 200:
            form = urlencode({"person": person, "answer": "deny" if deny else "allow"})
            assert '<form method="post">' in page.text, page.text
            assert f'value="{person}"' in page.text, f"{person} cannot sign in"
            page = self.fetch("POST", f"{parts.path}?{parts.query}", form)
        if page.status != 302:
            raise SimulatorRefusal(page.status, page.text)
        return page.location

    def event(self, reference=None, **options):
        """A signed event now: `type=`, `id=` (to replay), `timestamp=`, `signature=`. Its id and type."""
        return self.control("POST", "event", _which(reference, options))

    def refund(self, reference=None, **options):
        """Somebody refunds in SumUp's own dashboard: `amount=`, `transaction_id=`."""
        return self.control("POST", "refund", _which(reference, options))

    def chargeback(self, reference=None, **options):
        return self.control("POST", "chargeback", _which(reference, options))

    def sale(self, amount, merchant_code=merchant_code, **options):
        """At the counter, with a card reader: not one of ours."""
        return self.control("POST", "sale", {"amount": amount, "merchant_code": merchant_code} | options)

    def revoke(self, merchant_code):
        """Its people remove the app at SumUp: every token of theirs is dead."""
        return self.control("POST", "revoke", {"merchant_code": merchant_code})

    def expire_tokens(self):
        return self.control("POST", "expire_tokens", {})

    def reset(self, seed=0):
        return self.control("POST", "reset", {"seed": seed})

    def state(self):
        return self.control("GET", "state")

    def requests(self):
        return self.control("GET", "requests")["requests"]

    def checkout(self, reference):
        """The truth about a checkout, without a look that a scripted fault would count."""
        found = [each for each in self.state()["checkouts"] if each["checkout_reference"] == reference]
        return found[0] if found else None

    def control(self, method, action, body=None):
        answer = self.fetch(method, f"/_sim/{action}", json.dumps(body) if body is not None else None)
        data = json.loads(answer.text)
        if answer.status != 200:
            raise SimulatorRefusal(answer.status, data["error"])
        return data

    def fetch(self, method, path, body=None):
        """As a browser would, without following redirects."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return Page(answer.status, answer.headers.get("Location"), answer.read().decode())
        finally:
            connection.close()


def _which(reference, options):
    return options if reference is None else {"reference": reference} | options
