"""Wall clock is what counts: whatever a server does to stretch its answer, the call ends in time."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from payments import time_limits
from payments.provider import Hung, NotAsked, Unreachable
from tests.payments.factories import make_client

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
BODY = b'{"id": "c-1", "status": "PENDING"}' + b" " * 200


@contextmanager
def server(answer):
    """Takes connections and gives each to `answer(connection)`; yields its address and how many came."""
    came = []

    def serve():
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            came.append(connection)
            threading.Thread(target=speak, args=(connection,), daemon=True).start()

    def speak(connection):
        try:
            connection.recv(65536)
            answer(connection)
        except OSError:
            pass  # the client has left

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", came
        listener.shutdown(socket.SHUT_RDWR)


def drip(data, *, whole=b""):
    def answer(connection):
        connection.sendall(whole)
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    return answer


def keep_silent(_connection):
    time.sleep(5)


SLOW = {
    "says nothing": keep_silent,
    "drips its headers": drip(HEAD % len(BODY) + BODY),
    "drips its body": drip(BODY, whole=HEAD % len(BODY)),
    "drips headers without end": drip(b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 40),
}


@pytest.mark.parametrize("how", SLOW)
@pytest.mark.parametrize("in_request", [True, False])
def test_a_call_ends_in_time_whatever_the_server(how, in_request, monkeypatch):
    monkeypatch.setattr(time_limits, "REQUEST_SECONDS", 0.5)
    monkeypatch.setattr(time_limits, "CALL_SECONDS", 0.5)
    with server(SLOW[how]) as (address, came):
        began = time.monotonic()
        with pytest.raises(Hung):
            ask(make_client(url=address, key="k"), in_request)
        assert 0.45 < time.monotonic() - began < 0.8
        assert len(came) == 1  # one try


def ask(client, in_request):
    if not in_request:
        return client.checkout("c-1")
    with time_limits.request_limit():
        return client.checkout("c-1")


def test_a_request_s_calls_share_its_time(monkeypatch):
    monkeypatch.setattr(time_limits, "REQUEST_SECONDS", 0.5)
    with server(keep_silent) as (address, came), time_limits.request_limit():
        client = make_client(url=address, key="k")
        with pytest.raises(Hung):
            client.checkout("c-1")
        began = time.monotonic()
        with pytest.raises(NotAsked):
            client.checkout("c-2")
        assert time.monotonic() - began < 0.1
        assert len(came) == 1


def test_another_request_has_its_own_time():
    with time_limits.request_limit():
        assert 2.4 < time_limits.seconds_left() <= 2.5
        time.sleep(0.15)
        assert time_limits.seconds_left() < 2.4
    with time_limits.request_limit():
        assert time_limits.seconds_left() > 2.4
    assert time_limits.seconds_left() == time_limits.CALL_SECONDS


def test_who_can_be_patient_gives_less_where_it_has_less():
    with time_limits.call_limit(5):
        assert time_limits.seconds_left() == 5
        with time_limits.request_limit():
            assert time_limits.seconds_left() <= 3


def test_a_request_tries_once_where_a_worker_tries_again(stub):
    stub.say(503)
    with time_limits.request_limit(), pytest.raises(Exception, match="503"):
        stub.client.checkout("c-1")
    assert len(stub.seen) == 1
    with pytest.raises(Exception, match="503"):
        stub.client.checkout("c-1")
    assert len(stub.seen) == 4


def test_a_name_server_that_keeps_silent(monkeypatch):
    monkeypatch.setattr(time_limits, "CALL_SECONDS", 0.3)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(2))
    began = time.monotonic()
    with pytest.raises(Hung):
        make_client(url="http://sumup.example", key="k").checkout("c-1")
    assert time.monotonic() - began < 0.6


def test_of_several_addresses_the_one_that_answers_is_taken(monkeypatch):
    def two(host, port, **_):
        family = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*family, ("127.0.0.1", 1)), (*family, ("127.0.0.1", port))]

    with server(drip(b"", whole=HEAD % 2 + b"[]")) as (address, _):
        monkeypatch.setattr(socket, "getaddrinfo", two)
        assert make_client(url=address, key="k").checkouts("JE-1") == []


def test_refused_connections_are_no_hang():
    with pytest.raises(Unreachable) as caught:
        make_client(url="http://127.0.0.1:1", key="k").checkout("c-1")
    assert not isinstance(caught.value, Hung)


def test_a_connection_is_kept_for_the_next_call():
    def answer(connection):
        for _ in range(3):
            connection.sendall(HEAD % 2 + b"[]")
            connection.recv(65536)

    with server(answer) as (address, came):
        client = make_client(url=address, key="k")
        assert [client.checkouts("JE-1") for _ in range(3)] == [[], [], []]
        assert len(came) == 1
