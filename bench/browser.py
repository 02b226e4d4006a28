"""A browser without JavaScript that costs little CPU: keep-alive, cookies, forms, redirects. Nothing else of HTTP."""

import re
import socket
from urllib.parse import quote_plus

FORM = re.compile(rb"<form[^>]*?action=\"([^\"]+)\"[^>]*>(.*?)</form>", re.DOTALL)
INPUT = re.compile(rb"<input\b[^>]*>")
ATTRIBUTE = re.compile(rb"\b([a-z]+)=\"([^\"]*)\"")
COOKIE = re.compile(rb"\r\nset-cookie: *([^=]+)=([^;\r]*)", re.IGNORECASE)
LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
REDIRECTS = (302, 303)
TIMEOUT = 60  # seconds


def home_of(number):
    """An address of loopback for each visitor, no two in one network."""
    return f"127.{128 + number // 250 % 100}.{1 + number % 250}.1"


class Hung(OSError):
    """The server closed the connection in the middle of an answer."""


class Browser:
    """One visitor. `requests` counts what went over the wire, `proofs` the times it showed that there is a person;
    `page` is the last answer's body."""

    def __init__(self, port, *, source="", timeout=TIMEOUT):
        """`source`: the address of loopback that it comes from; `timeout` in seconds."""
        self.port, self.connection = port, None
        self.host = f"127.0.0.1:{port}"
        self.origin = f"http://{self.host}"
        self.options = {"timeout": timeout} | ({"source_address": (source, 0)} if source else {})
        self.cookies, self.requests, self.page, self.path, self.left_for = {}, 0, b"", "/", ""
        self.proofs = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.connection:
            self.connection.close()

    def get(self, path):
        return self.follow(*self.ask("GET", path))

    def submit(self, form, **filled):
        """Posts a form of the last page with what it holds, changed by what is `filled` in."""
        return self.follow(*self.send(form, filled))

    def post(self, form, **filled):
        """Goes nowhere afterwards: the status, and the path that the answer leads to."""
        status, head = self.send(form, filled)
        target = LOCATION.search(head)
        return status, target[1].decode().removeprefix(self.origin) if target else ""

    def send(self, form, filled):
        fields = form.fields | {name.encode(): value.encode() for name, value in filled.items()}
        body = b"&".join(
            quote_plus(name).encode() + b"=" + quote_plus(value).encode() for name, value in fields.items()
        )
        return self.ask("POST", form.action.decode(), body)

    def follow(self, status, head):
        """Up to an address of another site, which is noted in `left_for`."""
        while status in REDIRECTS:
            target = LOCATION.search(head)[1].decode().removeprefix(self.origin)
            if not target.startswith("/"):
                self.left_for = target
                break
            status, head = self.ask("GET", target)
        return status

    def ask(self, method, path, body=b""):
        self.requests += 1
        cookies = b"; ".join(name + b"=" + value for name, value in self.cookies.items())
        lines = [f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept: text/html\r\n".encode()]
        if cookies:
            lines.append(b"Cookie: " + cookies + b"\r\n")
        if method == "POST":
            lines.append(
                b"Origin: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: %d\r\n" % (self.origin.encode(), len(body))
            )
        status, head, self.page = self.exchange(b"".join([*lines, b"\r\n", body]))
        self.cookies |= dict(COOKIE.findall(head))
        self.path = path
        return status, head

    def exchange(self, message):
        """A kept connection may have been closed while nobody spoke: then once more on a new one."""
        if self.connection:
            try:
                return self.converse(message)
            except OSError:
                self.connection.close()
        self.connection = self.connect()
        return self.converse(message)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), **self.options)

    def converse(self, message):
        self.connection.sendall(message)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive()
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(LENGTH.search(head)[1])
        while len(body) < length:
            body += self.receive()
        if CLOSE.search(head):
            self.connection.close()
            self.connection = None
        return int(head[9:12]), head, body

    def receive(self):
        data = self.connection.recv(65_536)
        if not data:
            raise Hung("the connection was closed")
        return data

    def form(self, ending):
        """The form of the last page whose address ends so."""
        for action, inside in FORM.findall(self.page):
            if action.endswith(ending.encode()):
                return Form(action, inside)
        raise LookupError(f"no form {ending} on {self.path}: {self.page[:300]!r}")


class Form:
    def __init__(self, action, inside):
        inputs = [dict(ATTRIBUTE.findall(each)) for each in INPUT.findall(inside)]
        self.action = action
        self.fields = {
            each[b"name"]: each.get(b"value", b"")
            for each in inputs
            if b"name" in each and each.get(b"type") != b"checkbox"
        }
        self.boxes = [each[b"name"].decode() for each in inputs if each.get(b"type") == b"checkbox"]
