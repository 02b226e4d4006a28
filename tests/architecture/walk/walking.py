"""One request after the other, each undone, and what was seen in its answer."""

import re
import zipfile
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from io import BytesIO
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client

from tests.architecture.walk.world import MARK, rows_of

TURNED_AWAY = (400, 401, 403, 404, 405, 410, 429)
DOORS = ("/admin/", "/admin/login/", "/admin/verify/", "/_util/login/")
UNSAFE = ("POST", "PUT", "DELETE")
CONTROLS = re.compile(r"<(input|textarea|select|option)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>([^<]*)")
ATTRIBUTES = re.compile(r"""([\w:-]+)(?:=(?:"([^"]*)"|([^\s">]+)))?""")
TICKED = ("checkbox", "radio")
WRITES = re.compile(r"""(?:INSERT INTO|UPDATE|DELETE FROM)\s+["`]?(\w+)""", re.IGNORECASE)


class Browser(Client):
    """Without the copies that Django's client keeps of every template and its context: they take half of the time."""

    def request(self, **request):
        return self.handler(self._base_environ(**request))


@dataclass
class Walker:
    """A person with a browser."""

    role: str
    client: Client
    cookies: SimpleCookie


@dataclass
class Answer:
    """What a request gave, read after it was undone."""

    status: int
    text: str
    place: str
    touched: list = field(default_factory=list)

    @property
    def is_refusal(self):
        return self.status in TURNED_AWAY or (self.status == 302 and self.place.partition("?")[0] in DOORS)

    @property
    def names_others(self):
        return MARK.search(self.text) or MARK.search(self.place)


def make_walker(role, user=None):
    client = Browser()
    if user:
        client.force_login(user)
    return Walker(role, client, SimpleCookie(client.cookies.output(header="", sep=";")))


def ask(walker, verb, path, *, world, body=None):
    """Sends it, reads the answer, notes which of Ben's rows it changed, and undoes everything."""
    walker.client.cookies = SimpleCookie(walker.cookies.output(header="", sep=";"))
    undone = transaction.atomic()
    undone._from_testcase = True  # so that durable blocks inside are as durable as in other tests
    with undone:
        noted = Noted()
        with connection.execute_wrapper(noted):
            answer = read(walker.client.generic(verb, path, **content(body, verb)))
        answer.touched = touched(world, noted.tables)
        transaction.set_rollback(True)
    return answer


def content(body, verb):
    if verb not in UNSAFE:
        return {}
    return {
        "data": urlencode(body or {}, doseq=True),
        "content_type": "application/x-www-form-urlencoded",
    }


class Noted:
    """Which tables a request wrote to."""

    def __init__(self):
        self.tables = set()

    def __call__(self, execute, sql, params, many, context):
        if found := WRITES.match(sql):
            self.tables.add(found[1])
        return execute(sql, params, many, context)


def touched(world, tables):
    """The tables in which a row of Ben's is not what it was."""
    return [
        model._meta.label
        for model, rows in world.kept.items()
        if model._meta.db_table in tables and rows_of(model, ids(rows, model)) != rows
    ]


def ids(rows, model):
    return [row[model._meta.pk.attname] for row in rows]


def read(response):
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    if raw.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(raw)) as book:
            raw = b"".join(map(book.read, book.namelist()))
    place = response.headers.get("Location", "")
    headers = " ".join(map(str, response.headers.values()))
    return Answer(response.status_code, f"{raw.decode(errors='replace')} {headers}", place)


def form_of(answer):
    """The body that a browser would send from this page, all its forms together."""
    text = answer.text
    if '"html' in text[:200]:  # a modal of Wagtail's: HTML in JSON
        text = text.replace("\\n", "\n").replace('\\"', '"')
    fields = {"body-count": "0"}  # what a script adds for an empty StreamField
    chosen_in = ""
    for tag, inside, after in CONTROLS.findall(text):
        attributes = {name: unescape(value or bare) for name, value, bare in ATTRIBUTES.findall(inside)}
        if tag == "select":
            chosen_in = attributes.get("name", "")
        elif tag == "option":
            if "selected" in attributes and chosen_in:
                fields[chosen_in] = attributes.get("value", "")
        elif name := attributes.get("name"):
            fields |= {name: unescape(after)} if tag == "textarea" else value_of(name, attributes)
    return fields


def value_of(name, attributes):
    """Of an `<input>`; nothing for those that a browser would not send."""
    kind = attributes.get("type")
    if kind in ("file", "submit", "button", "image") or (kind in TICKED and "checked" not in attributes):
        return {}
    return {name: attributes.get("value", "on" if kind in TICKED else "")}
