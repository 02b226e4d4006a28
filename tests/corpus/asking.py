"""One request after the other, and which of them keep what they wrote."""

import json
import sys
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from django.core.signals import got_request_exception
from django.db import connection, transaction
from lxml import html

from tests.corpus.strings import MARK

BOUNDARY = "Quenvais0123456789"


@dataclass
class Answer:
    status: int
    content: bytes
    kind: str
    place: str
    stored: bool = False
    error: str = ""

    @cached_property
    def text(self):
        return self.content.decode(errors="replace")

    @property
    def is_json(self):
        return "json" in self.kind

    @cached_property
    def tree(self):
        """Nothing for what is no HTML."""
        text = self.text.lstrip()
        if self.is_json:
            shown = json.loads(text)
            text = shown.get("html", "") if isinstance(shown, dict) else ""
        elif "html" not in self.kind:
            return None
        return html.fromstring(text) if isinstance(text, str) and "<" in text else None


@dataclass
class Noted:
    """Whether a request wrote text of ours, and what failed in it."""

    stored: bool = False
    errors: list = field(default_factory=list)

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE")) and MARK in str(params):
            self.stored = True
        return execute(sql, params, many, context)

    def failed(self, request, **_others):
        self.errors.append(repr(sys.exc_info()[1])[:300])


def ask(client, verb, path, *, query=None, body=None, files=None, keeps=False):
    """Undone, unless it stored text of ours."""
    cookies = client.cookies.output(header="", sep=";")
    undone = transaction.atomic()
    undone._from_testcase = True  # so that durable blocks inside are as durable as in other tests
    noted = Noted()
    got_request_exception.connect(noted.failed)
    with undone:
        with connection.execute_wrapper(noted):
            answer = read(client.generic(verb, joined(path, query), **content(verb, body, files)))
        is_kept = keeps and noted.stored and answer.status < 400
        transaction.set_rollback(not is_kept)
    client.cookies.clear()
    client.cookies.load(cookies)
    answer.stored, answer.error = noted.stored and answer.status < 400, " ".join(noted.errors)
    return answer


def joined(path, query):
    if not query:
        return path
    return f"{path}{'&' if '?' in path else '?'}{spelled(query)}"


def spelled(values):
    return urlencode(values, doseq=True, errors="surrogatepass")


def content(verb, body, files):
    if verb == "GET":
        return {}
    if files:
        return {"data": in_parts(body or {}, files), "content_type": f"multipart/form-data; boundary={BOUNDARY}"}
    return {"data": spelled(body or {}), "content_type": "application/x-www-form-urlencoded"}


def in_parts(body, files):
    """As browsers spell it: of a file's name they escape quotes and breaks, and nothing else."""
    fields = [(name, each) for name, value in body.items() for each in (value if isinstance(value, list) else [value])]
    parts = [f'name="{name}"\r\n\r\n{each}'.encode(errors="surrogatepass") for name, each in fields]
    for name, (filename, raw) in files.items():
        spelled_name = filename.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
        head = f'name="{name}"; filename="{spelled_name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        parts.append(head.encode(errors="surrogatepass") + raw)
    start = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
    return b"".join(start + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()


def read(response):
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    if raw[:8] in (b'{"step":', b'{"html":') or (raw[:1] == b"{" and "html" not in kind and is_json(raw)):
        kind = "application/json"
    return Answer(response.status_code, raw, kind, response.headers.get("Location", ""))


def is_json(raw):
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True
