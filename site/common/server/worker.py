"""The gunicorn worker: its loop waits for clients, its threads never do."""

import contextlib
import errno
import socket
import time
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE

from gunicorn.workers.gthread import TConn, ThreadWorker

from common.server.connections import BufferedSocket, BytesPart
from common.server.incoming_requests import HEAD_SECONDS, LINGER, MOST_LARGE, SLOWEST

TOO_SLOW = (408, "Request Timeout", "The request took too long to arrive.")
TOO_LONG = (431, "Request Header Fields Too Large", "The head of the request is too long.")


class Wait:
    """Until when the loop waits for a connection (`time.monotonic`), and what it does with it then or before."""

    def __init__(self, until, then, at_end):
        self.until, self.then, self.at_end = until, then, at_end


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
        keep = super().handle_request(req, conn)
        if keep:
            # All of the body is here, read by the site or not. gunicorn would close the connection over a long rest,
            # and a proxy that was told to keep it may have sent the next request by then.
            conn.parser.finish_body()
        return keep

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
        """Text short enough for the kernel's buffer; a client that has filled that does not hear it."""
        with contextlib.suppress(OSError):
            conn.sock.flush()

    def linger(self, conn):
        """If it were closed at once, what the client still sends would take our answer away from it."""
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
        if self.nr_conns >= self.worker_connections - 1:
            self.drop_oldest()

    def drop_oldest(self):
        """First whoever has not sent a request; then who has no request of many; then who does not take the answer."""
        oldest = next((conn for conn in self.waiting if not conn.sock.unsent), None)
        if oldest:
            self.drop(oldest)
        elif self.keepalived_conns:
            self.keepalived_conns[0].timeout = 0
            self.murder_keepalived()
        elif self.waiting:
            self.drop(next(iter(self.waiting)))

    def murder_pending(self):
        """gunicorn's loop calls it after every event, and at least once a second."""
        now = time.monotonic()
        if now - self.looked_at < 0.5:
            return
        self.looked_at = now
        for conn, wait in list(self.waiting.items()):
            if now > wait.until or self.is_idle_at_the_end(conn, wait, now):
                wait.at_end(conn)

    def is_idle_at_the_end(self, conn, wait, now):
        """A worker that stops waits for no client that has not begun, except one that has just come."""
        begun = conn.sock.arrival.begun or conn.sock.unsent
        return not self.alive and not begun and now > wait.until - HEAD_SECONDS + LINGER
