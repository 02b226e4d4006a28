"""Sockets as gunicorn's threads see them, and what still has to be sent to a client."""

import errno
import os
import select
import time
from collections import deque
from dataclasses import dataclass

from common.server.incoming_requests import HEAD_SECONDS, MOST_UNSENT, PIECE, SLOWEST, IncomingRequest


@dataclass
class FilePart:
    """A file's bytes that still have to be sent."""

    descriptor: int
    offset: int
    count: int
    left = b""

    def send_to(self, sock):
        """Raises BlockingIOError while the client takes no more, BrokenPipeError for a file that has become shorter."""
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
        self.sock, self.arrival, self.unsent = sock, IncomingRequest(), deque()

    # The loop's side

    def begin(self):
        self.arrival.close()
        self.arrival = IncomingRequest(self.arrival.rest)

    def receive(self):
        """False when the client has gone, or there is no room for what it sends: a full disk must not end the
        worker."""
        try:
            data = self.sock.recv(PIECE)
            self.arrival.add(data)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return bool(data)

    def discard(self):
        try:
            return bool(self.sock.recv(PIECE))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def flush(self):
        """True when all is sent; raises OSError when the client has gone."""
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
