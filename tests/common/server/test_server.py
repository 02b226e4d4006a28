"""What the server takes from a client while the machine is in trouble."""

import socket
import tempfile

import pytest

from common.server.connections import BufferedSocket
from common.server.incoming_requests import IN_MEMORY, PIECE

HEAD = "POST /admin/images/add/ HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n"


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield BufferedSocket(ours), theirs


def test_a_full_disk_costs_the_large_upload_and_nothing_else(pair, monkeypatch, tmp_path):
    ours, theirs = pair
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "away"))
    theirs.sendall(HEAD.format(8 * IN_MEMORY).encode())
    assert ours.receive()
    taken = []
    while all(taken) and len(taken) < 8 * IN_MEMORY // PIECE:
        theirs.sendall(b"a" * PIECE)
        taken.append(ours.receive())
    assert len(taken) > 2
    assert not taken[-1]
