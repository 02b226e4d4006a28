"""A site to visit: an HTTPS server of its own on localhost that gives back answers which it was given before."""

import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class VisitedSite:
    """`answers` is {path: (status, [(header, value)])} or with a body after them; `address` is what SITE_URL says."""

    def __init__(self, folder, *, days=90):
        self.answers = {}
        self.certificate = make_certificate(folder, days=days)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"https://localhost:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def keep(self, path, response):
        """What Django answered, to be given to visitors."""
        cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
        self.answers[path] = response.status_code, [*response.headers.items(), *cookies], response.content


def handler_of(site):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, *rest = site.answers.get(self.path, (404, []))
            body = b"".join(rest)
            self.send_response(status)
            for name, value in headers:
                if name not in ("Content-Length", "Date", "Server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    return Handler


def make_certificate(folder, *, days):
    """For localhost, signed by itself: whoever trusts this very file trusts the site."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"certificate-{days}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path
