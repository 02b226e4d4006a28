"""Heads that mean to deceive, against gunicorn as gunicorn.conf.py runs it, by a router of the same machine."""

import socket
import time

import pytest

from tests import factories
from tests.process_fixtures import make_stacks  # noqa: F401 - a fixture

pytestmark = pytest.mark.processes

HOST = "Host: 127.0.0.1\r\n"
NEXT = f"GET /health/live/ HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"
FORM = f"POST /tickets/find/ HTTP/1.1\r\n{HOST}"
FIELD = '--x y\r\nContent-Disposition: form-data; name="email"\r\n\r\n{}\r\n--x y--\r\n'


@pytest.fixture(scope="module")
def stack(make_stacks):  # noqa: F811 - the same
    stack = make_stacks()
    factories.make_home()
    factories.make_event("Sea Shanties")
    stack.web.start()
    return stack


def said(stack, words):
    with socket.create_connection(("127.0.0.1", stack.port), 5) as client:
        client.sendall(words.encode("latin-1"))
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer.decode()


def page(stack, path, *headers):
    own = f"Host: 127.0.0.1:{stack.port}\r\n" + "".join(f"{header}\r\n" for header in headers)
    return said(stack, f"GET {path} HTTP/1.1\r\n{own}Connection: close\r\n\r\n")


def test_a_visitor_does_not_move_the_site_for_others(stack):
    time.sleep(max(0, time.time() % 60 - 50) and 61 - time.time() % 60)  # both in one minute: pages are kept so long
    moved = page(stack, "/events/", "SCRIPT_NAME: /events", "Script_Name: /events", "PATH_INFO: /")
    for answer in (moved, page(stack, "/events/")):
        assert "Sea Shanties" in answer
        assert "/events/events/" not in answer


@pytest.mark.parametrize("codec", ["charset=hex", "charset=idna", "charset=undefined", "charset=cp037", "x*=none''%41"])
def test_a_kind_that_names_a_codec_is_read_as_utf_8(stack, codec):
    assert page(stack, "/events/?category=caf%C3%A9", f"Content-Type: text/plain; {codec}").startswith("HTTP/1.1 200 ")
    for kind, body in (
        ("application/x-www-form-urlencoded", "email=ana%40example.je"),
        ('multipart/form-data; boundary="x y"', FIELD.format("ana@example.je")),
    ):
        head = f"{FORM}Connection: close\r\nContent-Type: {kind}; {codec}\r\nContent-Length: {len(body)}\r\n\r\n"
        answer = said(stack, head + body)
        assert answer.startswith("HTTP/1.1 200 ")
        assert "ana@example.je" in answer


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 5\r\nContent-Length: 0",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: -1",
        "Content-Length: \xb2",
        "Content-Length : 5",
        "Content-Length:\r\n 5",
        "X: a\r\n Content-Length: 5",
        "X: a\nContent-Length: 5",
        "X: a\rContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: xchunked",
        "X: a\r\n Transfer-Encoding: chunked",
    ],
)
def test_a_length_that_could_be_read_in_two_ways_ends_the_connection(stack, framing):
    answer = said(stack, f"{FORM}{framing}\r\n\r\nemail{NEXT}")
    assert answer.count("HTTP/1.1 ") == 1
    assert answer.startswith(("HTTP/1.1 400 ", "HTTP/1.1 501 "))
