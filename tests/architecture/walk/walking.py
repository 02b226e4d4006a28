"""One request after the other, each undone, and what was seen in its answer."""

import re
import zipfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from io import BytesIO
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from tests.architecture.walk.world import MARK, rows_of

TURNED_AWAY = (400, 401, 403, 404, 405, 410, 429)
DOORS = ("/admin/", "/admin/login/", "/admin/verify/", "/_util/login/")
UNSAFE = ("POST", "PUT", "DELETE")
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
    cache.clear()
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


class Forms(HTMLParser):
    """What a browser would send with the forms of a page, all fields together."""

    def __init__(self):
        super().__init__()
        self.fields = {"body-count": "0"}  # what a script adds for an empty StreamField
        self.area = self.choice = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name = attrs.get("name")
        if tag == "input" and name and attrs.get("type") not in ("file", "submit", "button", "image"):
            if attrs.get("type") not in ("checkbox", "radio") or "checked" in attrs:
                self.fields[name] = attrs.get("value", "on" if attrs.get("type") == "checkbox" else "")
        elif tag == "textarea" and name:
            self.area, self.fields[name] = name, ""
        elif tag == "select":
            self.choice = name
        elif tag == "option" and self.choice and "selected" in attrs:
            self.fields[self.choice] = attrs.get("value", "")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.choice = None

    def handle_data(self, data):
        if self.area:
            self.fields[self.area] += data


def form_of(answer):
    """The body that an administrator's browser would send from this page."""
    text = answer.text
    if '"html' in text[:200]:  # a modal of Wagtail's: HTML in JSON
        text = text.replace("\\u003C", "<").replace("\\n", "\n").replace('\\"', '"')
    forms = Forms()
    forms.feed(text)
    return forms.fields
