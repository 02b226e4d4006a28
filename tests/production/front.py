"""What stands before the site in the world: TLS ends here, and the request goes on as plain HTTP with three headers.

As the platforms' routers do, it appends the visitor's address to X-Forwarded-For and says itself how the visitor came.
"""

import datetime
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.buyers import Buyer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade"}


def make_certificate(folder, host):
    """(certificate, key) as files; signed by itself, so that a client of the tests can trust it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(*form))
    return paths


class Router(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        came_from = [*filter(None, [self.headers.get("X-Forwarded-For")]), self.client_address[0]]
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        headers |= {"X-Forwarded-For": ", ".join(came_from), "X-Forwarded-Proto": self.server.scheme}
        connection = HTTPConnection("127.0.0.1", self.server.site_port, timeout=60)
        try:
            connection.request(self.command, self.path, body or None, headers)
            self.answer(connection.getresponse())
        except (OSError, HTTPException):
            self.send_error(502)
        finally:
            connection.close()

    do_GET = do_HEAD = do_POST = do_PUT = pass_on

    def answer(self, response):
        content = response.read()
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", response.headers.get("Content-Length") or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@contextmanager
def router(site_port, certificate=None):
    """Yields its port: TLS with a certificate, without one the plain port whose visitors must be sent to TLS."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Router)
    server.site_port, server.scheme, server.daemon_threads = site_port, "https" if certificate else "http", True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class HomeConnection(HTTPSConnection):
    """Asks for the site by its own name, wherever in this machine it listens."""

    def __init__(self, host, port, *, trust):
        super().__init__(host, timeout=60, context=ssl.create_default_context(cafile=trust))
        self.real_port = port

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.real_port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


class Browser(Buyer):
    """A buyer over TLS that keeps what it was told: `last` is the newest answer's headers, `set` every cookie's."""

    def __init__(self, host, port, *, trust, **headers):
        self.where, self.trust = (host, port), trust
        self.headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"} | headers
        self.set = []
        super().__init__(f"https://{host}")

    def __post_init__(self):
        self.connection = HomeConnection(*self.where, trust=self.trust)

    def ask(self, method, path, body=None, **headers):
        page = super().ask(method, path, body, **self.headers | headers)
        self.set += self.last.get_all("Set-Cookie") or []
        return page
