import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.payments.factories import make_client


@pytest.fixture
def client(simulator):
    return make_client(url=simulator.url, key=simulator.api_key)


@pytest.fixture
def stub():
    """A server that says exactly what a test tells it, for answers that SumUp gives rarely or never."""
    with StubServer() as server:
        yield server


class StubServer:
    def __init__(self):
        self.answers, self.seen = [], []

    def say(self, status, body="", **headers):
        text = body if isinstance(body, str) else json.dumps(body)
        self.answers.append((status, text.encode(), {name.replace("_", "-"): value for name, value in headers.items()}))

    @property
    def client(self):
        return make_client(url=self.url, key="sup_sk_demo_very_secret")

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def _handler(stub):
    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            stub.seen.append((self.command, self.path, dict(self.headers), body))
            status, text, headers = stub.answers.pop(0) if len(stub.answers) > 1 else stub.answers[0]
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(text))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_):
            pass

    return Handler
