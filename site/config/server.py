"""gunicorn's threaded worker, with waiting for the network taken off its threads.

The loop that gunicorn has anyway reads each request, head and body, and a thread gets it when it is complete: it never
waits for a client. What a client does not take at once is sent by the loop too. Whoever is slower than the limits below
is cut off, and when too many are on their way whoever is longest at it makes room. TLS ends in front of the site.
"""

import contextlib
import errno
import io
import os
import re
import select
import socket
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from tempfile import SpooledTemporaryFile

from gunicorn.util import split_request_uri, unquote_to_wsgi_str
from gunicorn.workers.gthread import TConn, ThreadWorker

from config.bodies import KIBIBYTE, longest_body

HEAD_SECONDS = 10
"""From the first chance to send until the head is complete; a body, and taking the answer, get so much as a start."""
SLOWEST = 32 * KIBIBYTE  # bytes a second that a body must come in, and an answer be taken, on top of that
LINGER = 2  # seconds in which a refused client may finish its sentence, so that it can read why
LONGEST_HEAD = 32 * KIBIBYTE
IN_MEMORY = 128 * KIBIBYTE  # of a request; what is longer is a large one and waits on the disk
MOST_LARGE = 24  # that one process may be reading at once
MOST_UNSENT = (
    512 * KIBIBYTE
)  # of an answer in memory; beyond it the thread waits for the client. Files wait on the disk
PIECE = 64 * KIBIBYTE

LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
TOO_SLOW = (408, "Request Timeout", "The request took too long to arrive.")
TOO_LONG = (431, "Request Header Fields Too Large", "The head of the request is too long.")


class Arrival:
    """A request as it comes in, and what came behind it. gunicorn parses it afterwards: here only its end is found."""

    def __init__(self, begun=b""):
        self.begun, self.rest, self.head_ends, self.missing = bytearray(), b"", False, 0
        self.whole, self.is_large, self.body_refused, self.wants_word, self.is_awaited = (
            None,
            False,
            False,
            False,
            False,
        )
        self.add(begun)

    def add(self, data):
        if not self.head_ends:
            self.begun += data
            self.look_for_head()
        else:
            self.keep(data)

    @property
    def is_complete(self):
        return self.head_ends and not self.missing

    @property
    def is_too_long(self):
        return not self.head_ends and len(self.begun) > LONGEST_HEAD

    def look_for_head(self):
        if self.begun[:2] == b"\r\n":  # RFC 9112 section 2.2: one empty line before the request means nothing
            del self.begun[:2]
        end = self.begun.find(b"\r\n\r\n", max(0, len(self.begun) - PIECE - 3))
        if end < 0 or end > LONGEST_HEAD:
            return
        head, more = bytes(self.begun[: end + 4]), bytes(self.begun[end + 4 :])
        length = self.length_after(head)
        self.head_ends, self.missing, self.is_large = True, len(head) + length, length > IN_MEMORY
        self.wants_word = bool(length and CONTINUE.search(head))
        self.whole = SpooledTemporaryFile(max_size=2 * IN_MEMORY) if self.is_large else io.BytesIO()  # noqa: SIM115
        self.keep(head + more)

    def length_after(self, head):
        """Bytes of the body that are worth waiting for. A body that is too long, or does not say how long it is, is
        left where it is: the site refuses it by its head."""
        stated = LENGTH.search(head)
        length = int(stated[1]) if stated else 0
        self.body_refused = bool(CHUNKED.search(head)) or length > longest_body(path_of(head))
        return 0 if self.body_refused else length

    def keep(self, data):
        own, self.rest = data[: self.missing], self.rest + data[self.missing :]
        self.whole.write(own)
        self.missing -= len(own)
        if not self.missing:
            self.whole.seek(0)

    def close(self):
        if self.whole:
            self.whole.close()


def path_of(head):
    """As gunicorn tells it to the site; what it will refuse is nowhere."""
    try:
        return unquote_to_wsgi_str(split_request_uri(head.split(None, 2)[1].decode("latin-1")).path)
    except (ValueError, IndexError):
        return ""


@dataclass
class FilePart:
    """A file's bytes that still have to be sent."""

    descriptor: int
    offset: int
    count: int
    left = b""

    def send_to(self, sock):
        """Raises BlockingIOError while the client takes no more. A file that has become shorter cannot be kept to."""
        while self.count:
            sent = os.sendfile(sock.fileno(), self.descriptor, self.offset, self.count)
            if not sent:
                raise BrokenPipeError(errno.EPIPE, "the file has become shorter")
            self.offset, self.count = self.offset + sent, self.count - sent

    def close(self):
        os.close(self.descriptor)


class BytesPart:
    count = 0

    def __init__(self, data):
        self.left = memoryview(data)

    def send_to(self, sock):
        while self.left:
            self.left = self.left[sock.send(self.left) :]

    def close(self):
        self.left = b""


class BufferedSocket:
    """What gunicorn's thread takes for the client's socket: reads what has arrived, writes without waiting."""

    def __init__(self, sock):
        sock.setblocking(False)
        self.sock, self.arrival, self.unsent = sock, Arrival(), deque()

    # The loop's side

    def begin(self):
        """The next request; some of it may have come behind the last."""
        self.arrival.close()
        self.arrival = Arrival(self.arrival.rest)

    def receive(self):
        """Takes what is there. False when the client has gone."""
        try:
            data = self.sock.recv(PIECE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.arrival.add(data)
        return bool(data)

    def discard(self):
        """Whether there may be more to throw away."""
        try:
            return bool(self.sock.recv(PIECE))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def flush(self):
        """Sends what the client takes now. True when all is sent; raises OSError when it has gone."""
        try:
            while self.unsent:
                self.unsent[0].send_to(self.sock)
                self.unsent.popleft().close()
        except BlockingIOError:
            return False
        return True

    @property
    def size_unsent(self):
        return sum(len(part.left) + part.count for part in self.unsent)

    @property
    def held(self):
        """In memory."""
        return sum(len(part.left) for part in self.unsent)

    # The thread's side

    def recv(self, size):
        """Nothing at the end of the request, as if the client had closed: a thread never waits for more."""
        return self.arrival.whole.read(size)

    def sendall(self, data):
        self.unsent.append(BytesPart(data))
        if not self.flush() and self.held > MOST_UNSENT:
            self.wait_for_client(time.monotonic() + HEAD_SECONDS + self.held / SLOWEST)

    def sendfile(self, file, offset=0, count=None):
        self.unsent.append(FilePart(os.dup(file.fileno()), offset, count))
        self.flush()

    def wait_for_client(self, until):
        poll = select.poll()
        poll.register(self.sock, select.POLLOUT)
        while self.held > MOST_UNSENT:
            left = until - time.monotonic()
            if left <= 0:
                self.forget_unsent()
                raise BrokenPipeError(errno.EPIPE, "the client does not take its answer")
            poll.poll(left * 1000)
            self.flush()

    def send(self, data):
        """Only “100 Continue”, which the loop has sent already if the body was welcome."""
        return len(data)

    def setblocking(self, _flag):
        pass

    def settimeout(self, _seconds):
        pass

    def gettimeout(self):
        return 0.0

    def fileno(self):
        return self.sock.fileno()

    def shutdown(self, how):
        self.sock.shutdown(how)

    def close(self):
        self.forget_unsent()
        self.arrival.close()
        self.sock.close()

    def forget_unsent(self):
        for part in self.unsent:
            part.close()
        self.unsent.clear()


@dataclass(eq=False)
class Wait:
    until: float
    then: object
    at_end: object


class PatientWorker(ThreadWorker):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.waiting = {}  # connections that the loop waits for, the one that waits longest first
        self.looked_at = 0

    # Reading

    def accept(self, listener):
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self.drop_oldest()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        self.make_room()
        self.nr_conns += 1
        conn = TConn(self.cfg, BufferedSocket(client), address, listener.getsockname())
        conn.data_ready = True  # whenever a thread sees it
        self.await_request(conn)

    def on_client_socket_readable(self, conn, client):
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self.await_request(conn)

    def await_request(self, conn):
        conn.sock.begin()
        self.wait(conn, EVENT_READ, self.on_arriving, HEAD_SECONDS, self.give_up)
        if conn.sock.arrival.begun or conn.sock.arrival.head_ends:
            self.look_at(conn)
        else:
            self.on_arriving(conn)

    def on_arriving(self, conn):
        if conn.sock.receive():
            self.look_at(conn)
        else:
            self.drop(conn)

    def look_at(self, conn):
        arrival = conn.sock.arrival
        if arrival.is_complete:
            self.stop_waiting(conn)
            self.enqueue_req(conn)
        elif arrival.is_too_long:
            self.refuse(conn, *TOO_LONG)
        elif arrival.head_ends and not arrival.is_awaited:
            self.await_body(conn, arrival)

    def await_body(self, conn, arrival):
        arrival.is_awaited = True
        self.waiting[conn].until = time.monotonic() + HEAD_SECONDS + arrival.missing / SLOWEST
        if arrival.wants_word:
            conn.sock.unsent.append(BytesPart(b"HTTP/1.1 100 Continue\r\n\r\n"))
            self.say(conn)
        large = [each for each in self.waiting if each.sock.arrival.is_large and not each.sock.arrival.is_complete]
        if len(large) > MOST_LARGE:
            self.refuse(large[0], *TOO_SLOW)

    def give_up(self, conn):
        if conn.sock.arrival.begun:
            self.refuse(conn, *TOO_SLOW)
        else:
            self.drop(conn)

    # Answering

    def handle_request(self, req, conn):
        if conn.sock.arrival.body_refused:
            req.force_close()
        return super().handle_request(req, conn)

    def finish_request(self, conn, fs):
        if conn.sock.unsent:
            seconds = HEAD_SECONDS + conn.sock.size_unsent / SLOWEST
            self.wait(conn, EVENT_WRITE, partial(self.on_leaving, fs), seconds, self.drop)
        elif conn.sock.arrival.body_refused:
            self.linger(conn)
        else:
            super().finish_request(conn, fs)
            if conn.sock.arrival.rest and conn in self.keepalived_conns:
                self.on_client_socket_readable(conn, conn.sock)

    def on_leaving(self, fs, conn):
        try:
            if conn.sock.flush():
                self.stop_waiting(conn)
                self.finish_request(conn, fs)
        except OSError:
            self.drop(conn)

    def refuse(self, conn, status, reason, words):
        self.stop_waiting(conn)
        head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {len(words)}\r\n"
        conn.sock.unsent.append(BytesPart(f"{head}Connection: close\r\n\r\n{words}".encode()))
        self.say(conn)
        self.linger(conn)

    def say(self, conn):
        """A sentence, which fits in what the kernel keeps; whoever has filled that up does not hear it."""
        with contextlib.suppress(OSError):
            conn.sock.flush()

    def linger(self, conn):
        """Closed at once, what the client still sends would take our answer away from it."""
        with contextlib.suppress(OSError):
            conn.sock.shutdown(socket.SHUT_WR)
        self.wait(conn, EVENT_READ, self.on_lingering, LINGER, self.drop)

    def on_lingering(self, conn):
        if not conn.sock.discard():
            self.drop(conn)

    # Waiting

    def wait(self, conn, event, then, seconds, at_end):
        wait = self.waiting[conn] = Wait(time.monotonic() + seconds, then, at_end)
        self.poller.register(conn.sock, event, partial(self.on_event, conn, wait))

    def on_event(self, conn, wait, _sock):
        """Unless an event of the same moment has ended this wait already."""
        if self.waiting.get(conn) is wait:
            wait.then(conn)

    def stop_waiting(self, conn):
        del self.waiting[conn]
        self.poller.unregister(conn.sock)

    def drop(self, conn):
        self.stop_waiting(conn)
        self.nr_conns -= 1
        conn.sock.close()

    def make_room(self):
        """So that those who send nothing can never keep out those who do."""
        if self.nr_conns >= self.worker_connections - 1:
            self.drop_oldest()

    def drop_oldest(self):
        """Whoever has not sent a request yet; then who has no other one; then who does not take the answer."""
        oldest = next((conn for conn in self.waiting if not conn.sock.unsent), None)
        if oldest:
            self.drop(oldest)
        elif self.keepalived_conns:
            self.keepalived_conns[0].timeout = 0
            self.murder_keepalived()
        elif self.waiting:
            self.drop(next(iter(self.waiting)))

    def murder_pending(self):
        """Called by gunicorn's loop after every event, and at least once a second."""
        now = time.monotonic()
        if now - self.looked_at < 0.5:
            return
        self.looked_at = now
        for conn, wait in list(self.waiting.items()):
            if now > wait.until or self.is_idle_at_the_end(conn, wait, now):
                wait.at_end(conn)

    def is_idle_at_the_end(self, conn, wait, now):
        """A worker that stops waits for no client that has not begun; one that has just come may be about to."""
        begun = conn.sock.arrival.begun or conn.sock.unsent
        return not self.alive and not begun and now > wait.until - HEAD_SECONDS + LINGER
