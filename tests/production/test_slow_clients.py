"""Clients that are slow on purpose, against gunicorn as gunicorn.conf.py runs it: they keep nobody else waiting."""

import os
import select
import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from wagtail.documents.models import Document

from common.http.body_sizes import PUBLIC
from common.server import incoming_requests
from tests import factories
from tests.harness import until
from tests.process_fixtures import make_stacks  # noqa: F401 - a fixture
from tests.services import free_port

pytestmark = pytest.mark.processes

MEGABYTE = 1_000_000
FORM = "POST /tickets/find/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def stack(make_stacks):  # noqa: F811 - the same
    stack = make_stacks()
    factories.make_home()
    stack.web.start()
    (Path(stack.folder) / "media" / "images").mkdir(parents=True, exist_ok=True)
    return stack


@contextmanager
def clients(stack, number, words):
    made = [socket.create_connection(("127.0.0.1", stack.port), 5) for _ in range(number)]
    try:
        for each in made:
            each.sendall(words.encode())
        yield made
    finally:
        for each in made:
            each.close()


@pytest.fixture(autouse=True)
def _no_worker_died(stack):
    before = workers_of(stack)
    yield
    assert workers_of(stack) == before


def workers_of(stack):
    pid = stack.web.program.pid
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def seconds_of_a_page(stack):
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", stack.port, timeout=20)
    connection.request("GET", "/tickets/find/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200
    return time.monotonic() - began


def slowest_of(stack, times=10):
    """But one: the machine may have a hiccup of its own."""
    return sorted(seconds_of_a_page(stack) for _ in range(times))[-2]


def said(client, seconds=20):
    """What the server says before it closes."""
    client.settimeout(seconds)
    words = b""
    while data := client.recv(65536):
        words += data
    return words.decode(errors="replace")


def drip(made, over, piece=b"a"):
    """A byte a second each."""
    while not over.wait(1):
        for each in made:
            with suppress(OSError):
                each.sendall(piece)


def test_a_request_is_answered(stack):
    assert seconds_of_a_page(stack) < 5


def test_half_sent_heads_and_dripping_ones_keep_nobody_waiting_and_are_cut_off(stack):
    over, half = threading.Event(), "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: "
    began = time.monotonic()
    with clients(stack, 60, half) as stuck, clients(stack, 20, half) as dripping, clients(stack, 120, "") as silent:
        threading.Thread(target=drip, args=(dripping, over), daemon=True).start()
        assert slowest_of(stack) < 1
        answers = [said(each) for each in stuck + dripping]
        assert time.monotonic() - began < incoming_requests.HEAD_SECONDS + 8
        assert {words.split("\r\n")[0] for words in answers} == {"HTTP/1.1 408 Request Timeout"}
        assert {said(each) for each in silent} == {""}
        over.set()
    assert slowest_of(stack) < 1


def test_slow_bodies_keep_nobody_waiting_and_are_cut_off(stack):
    over, half = threading.Event(), f"{FORM}Content-Length: 30000\r\n\r\nemail="
    with clients(stack, 40, half) as stuck, clients(stack, 20, half) as dripping:
        threading.Thread(target=drip, args=(dripping, over), daemon=True).start()
        assert slowest_of(stack) < 1
        assert {said(each, 30).split("\r\n")[0] for each in stuck + dripping} == {"HTTP/1.1 408 Request Timeout"}
        over.set()


def test_connections_that_stay_open_after_an_answer_keep_nobody_waiting(stack):
    with clients(stack, 100, "GET /health/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") as idle:
        assert all(each.recv(4096).startswith(b"HTTP/1.1 200") for each in idle)
        for each in idle:
            each.sendall(b"GET / HTT")  # and the next request stops half way
        assert slowest_of(stack) < 1


def test_more_connections_than_there_is_room_for_do_not_shut_the_door(stack):
    """Each that comes then takes the place of the one that has been longest at it."""
    with clients(stack, 1300, "GET / HTTP/1.1\r\n") as crowd:
        over = threading.Event()
        threading.Thread(target=drip, args=(crowd, over), daemon=True).start()
        assert slowest_of(stack) < 1
        with clients(stack, 300, "GET / HTTP/1.1\r\n"):
            assert slowest_of(stack) < 1
        over.set()


def test_more_idle_connections_than_there_is_room_for_do_not_shut_the_door(stack):
    with clients(stack, 1100, "GET /health/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"):
        until(lambda: seconds_of_a_page(stack) < 1, what="the end of 1,100 answers")
        assert slowest_of(stack) < 1


def test_whoever_does_not_read_its_answer_keeps_nobody_waiting(stack):
    path = Path(stack.folder) / "media" / "images" / "large.png"
    path.write_bytes(os.urandom(8 * MEGABYTE))
    ask = "GET /media/images/large.png HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with clients(stack, 40, ask) as deaf:
        assert slowest_of(stack) < 1
        whole = said(deaf[0], 30).encode(errors="replace")
        assert whole.startswith(b"HTTP/1.1 200")
    assert slowest_of(stack) < 1


def test_a_large_file_arrives_whole(stack):
    content = os.urandom(8 * MEGABYTE)
    (Path(stack.folder) / "media" / "images" / "whole.png").write_bytes(content)
    connection = HTTPConnection("127.0.0.1", stack.port, timeout=20)
    for _ in range(2):  # and the connection goes on
        connection.request("GET", "/media/images/whole.png")
        assert connection.getresponse().read() == content


def test_whoever_never_closes_its_end_keeps_nobody_waiting(stack):
    with clients(stack, 40, "GET /health/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"):
        assert slowest_of(stack) < 1


def test_requests_one_behind_the_other_are_answered_in_turn(stack):
    page = "GET /health/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    with clients(stack, 1, f"{page}\r\n{page}\r\n{page}Connection: close\r\n\r\n") as (one,):
        assert said(one).count("HTTP/1.1 200 OK") == 3


def test_forty_megabytes_to_a_public_form_are_refused_by_their_head(stack):
    for path in ("/tickets/find/", "/admin/login/", "/_util/login/", "/nowhere/", "/payments/sumup/events/"):
        head = FORM.replace("/tickets/find/", path) + f"Content-Length: {40 * MEGABYTE}\r\n\r\n"
        with clients(stack, 1, head) as (client,):
            answer = said(client, 5)
        assert answer.startswith("HTTP/1.1 413 "), path
        assert "What you sent is longer than this page takes" in answer
        assert "Connection: close" in answer


def test_many_large_uploads_at_once_keep_nobody_waiting(stack):
    """The newest may come in; those that have been longest at it make room, so that the disk does not fill up."""
    head = FORM.replace("/tickets/find/", "/admin/images/multiple/add/") + f"Content-Length: {5 * MEGABYTE}\r\n\r\n"
    beyond = 20
    with clients(stack, 2 * incoming_requests.MOST_LARGE + beyond, head + "a" * 10_000) as uploads:
        assert slowest_of(stack) < 1
        told, _, _ = until(lambda: len((found := select.select(uploads, [], [], 0))[0]) >= beyond and found)
        assert {said(each, 5).split("\r\n")[0] for each in told} == {"HTTP/1.1 408 Request Timeout"}
        assert uploads[-1] not in told


def test_a_connection_outlives_a_long_body_that_nobody_read(stack):
    """A proxy keeps it for the next visitor, whose request must not be lost."""
    connection = HTTPConnection("127.0.0.1", stack.port, timeout=20)
    for _time in range(20):
        connection.request("POST", "/mail/events/", b"x" * MEGABYTE)
        answer = connection.getresponse()
        answer.read()
        assert (answer.status in (403, 404), answer.will_close) == (True, False)
    connection.request("GET", "/health/live/")
    assert connection.getresponse().status == 200


def test_a_large_upload_arrives_whole(stack):
    content, boundary = b"%PDF-1.7 " + os.urandom(8 * MEGABYTE), "----between"
    parts = {"csrfmiddlewaretoken": "t" * 32, "title": "Plan"}
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts.items()
    )
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="files[]"; filename="plan.pdf"\r\n'
    body = f"{fields}{file}Content-Type: application/pdf\r\n\r\n".encode() + content
    connection = HTTPConnection("127.0.0.1", stack.port, timeout=20)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Cookie": f"sessionid={signed_in()}; csrftoken={'t' * 32}",
        "X-Requested-With": "XMLHttpRequest",
    }
    whole = body + f"\r\n--{boundary}--\r\n".encode()
    connection.request("POST", "/admin/documents/multiple/add/", whole, headers)
    assert connection.getresponse().status == 200
    assert Document.objects.get().file_size == len(content)


def signed_in():
    """A session of an administrator."""
    client = Client()
    client.force_login(User.objects.create_superuser("ana"), backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


def test_a_client_that_sends_all_of_it_still_reads_why(stack):
    before = memory_of(stack)
    with clients(stack, 1, f"{FORM}Content-Length: {40 * MEGABYTE}\r\n\r\n") as (client,):
        with suppress(OSError):
            for _ in range(40):
                client.sendall(b"a" * MEGABYTE)
        assert said(client).startswith("HTTP/1.1 413 ")
    assert memory_of(stack) < before + 10 * MEGABYTE


def test_a_body_that_does_not_say_how_long_it_is_is_refused(stack):
    with clients(stack, 1, f"{FORM}Transfer-Encoding: chunked\r\n\r\n5\r\nemail\r\n") as (client,):
        assert said(client, 5).startswith("HTTP/1.1 411 ")


def test_nothing_behind_a_refused_body_is_taken_for_a_request(stack):
    smuggled = "GET /health/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for framing in (f"Content-Length: {40 * MEGABYTE}", f"Content-Length: {'9' * 400}", "Transfer-Encoding: chunked"):
        with clients(stack, 1, f"{FORM}{framing}\r\n\r\n{smuggled}") as (client,):
            assert said(client, 5).count("HTTP/1.1 ") == 1


def test_a_body_of_the_longest_length_arrives_whole(stack):
    """In pieces, and after the client has asked whether it is welcome."""
    half = "email=".ljust(PUBLIC // 2, "x")
    words = f"{FORM}Expect: 100-continue\r\nConnection: close\r\nContent-Length: {PUBLIC}\r\n\r\n"
    with clients(stack, 1, words) as (client,):
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(half.encode())
        time.sleep(0.2)
        client.sendall(b"x" * (PUBLIC - len(half)))
        answer = said(client)
    assert answer.startswith("HTTP/1.1 422 ")  # read, and found to be no address
    assert answer.count("HTTP/1.1 ") == 1


def test_a_head_that_is_too_long_is_refused(stack):
    with clients(stack, 1, "GET / HTTP/1.1\r\nX: " + "a" * (incoming_requests.LONGEST_HEAD + 10)) as (client,):
        assert said(client, 5).startswith("HTTP/1.1 431 ")


def test_a_server_that_stops_waits_for_nobody_who_sends_nothing(make_stacks):  # noqa: F811 - the same
    stack = make_stacks()
    stack.port = free_port()
    stack.web.command[stack.web.command.index("--bind") + 1] = f"127.0.0.1:{stack.port}"
    stack.url = f"http://127.0.0.1:{stack.port}"
    stack.web.start()
    with clients(stack, 5, ""):
        began = time.monotonic()
        stack.web.stop()
    assert time.monotonic() - began < 6


def memory_of(stack):
    """Bytes that gunicorn's workers hold."""
    pages = [int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in workers_of(stack)]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
