"""HTTP within a limit of wall clock: name, connection, headers and body together, however slowly they drip."""

import http.client
import io
import socket
import threading
import time
from concurrent.futures import Future

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

_call = threading.local()  # `ends`, by time.monotonic(): the call of this thread


def send_request(session, method, url, *, seconds, **options):
    """The whole answer within `seconds`. Raises what requests raises. Redirects are not followed."""
    _call.ends = time.monotonic() + seconds
    return session.request(method, url, timeout=seconds, allow_redirects=False, **options)


def open_session():
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, TimedAdapter())
    return session


def call_seconds_left():
    """Raises TimeoutError when the time of this thread's call is over."""
    left = _call.ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for this call is over")
    return left


class TimedReader(io.RawIOBase):
    """Each read waits for what is left of the call's time: a socket's own limit would begin anew with every byte."""

    def __init__(self, sock):
        self.sock, self.raw = sock, sock.makefile("rb", buffering=0)

    def readable(self):
        return True

    def readinto(self, buffer):
        self.sock.settimeout(call_seconds_left())
        return self.raw.readinto(buffer)

    def close(self):
        self.raw.close()
        super().close()


class TimedSocket:
    """What http.client's response wants of a socket."""

    def __init__(self, sock):
        self.sock = sock

    def makefile(self, _mode):
        return io.BufferedReader(TimedReader(self.sock))


class TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock, *args, **kwargs):
        super().__init__(TimedSocket(sock), *args, **kwargs)


class Timed:
    """For a connection of urllib3."""

    response_class = TimedResponse

    def _new_conn(self):
        try:
            return connect_socket(self._dns_host, self.port, self.socket_options)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"Connecting to {self.host} took too long") from error
        except OSError as error:
            raise NewConnectionError(self, f"No connection: {error}") from error


class TimedConnection(Timed, HTTPConnection):
    pass


class TimedSecureConnection(Timed, HTTPSConnection):
    pass


class TimedPool(HTTPConnectionPool):
    ConnectionCls = TimedConnection


class TimedSecurePool(HTTPSConnectionPool):
    ConnectionCls = TimedSecureConnection


class TimedAdapter(HTTPAdapter):
    POOLS = {"http": TimedPool, "https": TimedSecurePool}

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.POOLS

    def proxy_manager_for(self, *args, **kwargs):
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self.POOLS
        return manager


def connect_socket(host, port, options):
    """To the first address that takes it; each has a fair share of the time left."""
    error, addresses = OSError("no address"), resolve_host(host, port)
    for tried, (family, kind, protocol, _name, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.settimeout(call_seconds_left() / (len(addresses) - tried))
            sock.connect(address)
            sock.settimeout(call_seconds_left())
        except OSError as trouble:
            sock.close()
            error = trouble
        else:
            return sock
    raise error


def resolve_host(host, port):
    """In a thread of its own: nothing else can stop waiting for a name server that keeps silent."""
    found = Future()

    def ask_server():
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            found.set_exception(error)

    threading.Thread(target=ask_server, daemon=True).start()
    return found.result(call_seconds_left())
