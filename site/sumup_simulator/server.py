"""The HTTP side: keep-alive, a thread per connection, one write per answer."""

import contextlib
import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from sumup_simulator.api.answers import problem_document

from .application import Application, Dropped, Request

LARGEST_BODY = 1_000_000


class SimulatorServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, *, application=None, public_url=None):
        self.application = application or Application()
        self.public_url = public_url
        self.connections = set()
        self.guard = threading.Lock()
        super().__init__(address, Handler)

    def server_bind(self):
        """Without the look-up of the host's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    @property
    def url(self):
        return f"http://{self.server_name}:{self.server_port}"

    def process_request(self, request, client_address):
        with self.guard:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self.guard:
            self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that hangs up is no news; anything else is a fault of the simulator."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def stop(self):
        """Ends kept-alive connections too, so that a stopped simulator is really gone."""
        self.shutdown()
        self.server_close()
        self.application.stop()
        with self.guard:
            open_connections = list(self.connections)
        for connection in open_connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60

    def respond(self):
        body = self._body()
        if body is None:
            self.close_connection = True
            answer = problem_document(400, "bad-request", "Bad Request", "The body cannot be read.")
        else:
            try:
                answer = self.server.application.answer(self._request(body))
            except Dropped:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
        self._send(answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = respond  # noqa: N815 - names of http.server

    def _body(self):
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY or "Transfer-Encoding" in self.headers:
            return None
        return self.rfile.read(int(length))

    def _request(self, body):
        parts = urlsplit(self.path)
        host = self.headers.get("Host") or f"{self.server.server_name}:{self.server.server_port}"
        return Request(
            method=self.command,
            path=parts.path,
            query_string=parts.query,
            authorization=self.headers.get("Authorization"),
            body=body,
            base_url=self.server.public_url or f"http://{host}",
            content_type=self.headers.get("Content-Type", ""),
        )

    def _send(self, answer):
        payload = answer.payload()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(payload)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def version_string(self):
        return "sumup-simulator"

    def log_message(self, *arguments):
        """Logs nothing: the site logs its calls itself."""
