"""Whatever happens to a request, what it was let in by is in no log: gunicorn's, Django's, ours, the worker's."""

import json
import socket

import pytest
from django.db import connection

from tests import factories
from tests.harness import answers
from tests.production.site import HOST
from tests.production.test_processes import ask
from tests.services import free_port
from ticketing.domain.privacy import personal_data

CURIOUS = "%(r)s %(m)s %(U)s %(q)s %(f)s %(a)s %({referer}i)s %({cookie}i)s %({raw_uri}e)s %({location}o)s %(s)s"
"""All that an access log could ask for."""


@pytest.fixture
def web(site):
    """One more gunicorn, which writes an access log and all that it has to say."""
    port = free_port()
    member = site.member("web", lambda _: answers(f"http://127.0.0.1:{port}/health/live/"))
    member.log_path = site.folder / "curious-web.log"
    member.environment = member.environment | {
        "PORT": str(port),
        "GUNICORN_CMD_ARGS": f"--access-logfile - --access-logformat '{CURIOUS}' --log-level debug",
    }
    member.port = port
    try:
        yield member.start()
    finally:
        member.kill_hard()


@pytest.fixture
def order(web):
    return factories.make_order(buyer_email="logged@example.je")


@pytest.fixture
def broken():
    """The pages of an order fail: a table of theirs is away."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ticketing_delivery RENAME TO ticketing_away")
        yield
        cursor.execute("ALTER TABLE ticketing_away RENAME TO ticketing_delivery")


def visit(web, path, **headers):
    return ask(web.port, path, **{"Host": HOST, "X-Forwarded-Proto": "https"} | headers)[0]


def say(web, text):
    """What no browser would send; the first line of the answer."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
        connection.sendall(text.encode())
        return connection.recv(100).partition(b"\r\n")[0]


def written(site):
    """Every file of every process, the worker's and those of the payments included."""
    paths = [*site.folder.glob("*.log"), *(site.checkout / "var").rglob("*.log*")]
    return "".join(path.read_text(errors="replace") for path in paths)


def post(web, path, **headers):
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}", "X-Forwarded-Proto: https", "Content-Length: 0"]
    return say(web, "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]))


def test_a_page_that_is_there_and_one_that_is_not(site, web, order):
    path, data = order.get_absolute_url(), f"/tickets/my-data/{personal_data.key_of(order)}/"
    led = {"Referer": f"https://{HOST}{path}", "Cookie": f"way={order.token}"}
    assert visit(web, path, **led) == 200
    mangled = (f"{path}none/", f"/{path}", f"{data}none/", path.upper())
    assert {visit(web, each, **led) for each in mangled} <= {404, 302, 301}
    assert visit(web, f"/events/?code={order.token}") in (200, 404)
    text = written(site)
    assert f"GET /tickets/orders/{order.reference}/-/ HTTP/1.1 GET" in text
    assert f"Not Found: /tickets/orders/{order.reference}/-/none/" in text
    assert_nothing_opens(text, order)


def test_a_page_that_fails(site, web, order, broken):
    assert visit(web, order.get_absolute_url()) == 500
    text = written(site)
    assert f"Internal Server Error: /tickets/orders/{order.reference}/-/" in text
    assert "Traceback" in text
    assert_nothing_opens(text, order)


def test_a_request_that_is_refused(site, web, order):
    path = order.get_absolute_url()
    assert visit(web, path, Host=f"evil.example{path}") == 400
    assert b" 403 " in post(web, f"{path}cancel/", Referer=f"https://evil.example{path}")
    assert b" 403 " in post(web, f"{path}cancel/", Origin=f"https://evil.example{path}")
    text = written(site)
    assert "Invalid HTTP_HOST" in text
    assert "Forbidden (" in text
    assert_nothing_opens(text, order)


def test_a_request_that_makes_no_sense(site, web, order):
    path = order.get_absolute_url()
    assert b" 400 " in say(web, f"GET {path} HTTP/9.9\r\nHost: {HOST}\r\n\r\n")
    assert b" 414 " in say(web, f"GET {path}?{'x' * 9000} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
    assert b" 400 " in say(web, f"GET  {path} and more\r\nHost: {HOST}\r\n\r\n")
    assert b" 400 " in say(web, f"GET / HTTP/1.1\r\nHost: {HOST}\r\nReferer https://{HOST}{path}\r\n\r\n")
    text = written(site)
    assert "Invalid request from" in text
    assert_nothing_opens(text, order)


def test_what_a_visitor_writes_does_not_end_a_line(site, web):
    visit(web, "/none%0Aorder.state%20order=JE-FORGED/", **{"User-Agent": "agent"})
    forged = [line for line in written(site).splitlines() if line.startswith("order.state")]
    assert forged == []


def assert_nothing_opens(text, order):
    assert order.token.lower() not in text.lower()
    assert personal_data.key_of(order).rpartition(".")[2] not in text
    assert "logged@example.je" not in text
    assert all(json.loads(line) for line in text.splitlines() if line.startswith('{"time"'))
