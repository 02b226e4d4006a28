"""Where a test lets the simulator call back to."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(ThreadingHTTPServer):
    """The shop's side of callbacks and events: notes every one, answers what `statuses` says, then 204."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Hook)
        self.lock = threading.Lock()
        self.calls = []
        self.bodies = []
        self.statuses = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook/token?x=1"

    def ids(self, number, *, within=3):
        """The ids of so many calls; fails when they do not come."""
        deadline = time.monotonic() + within
        while len(self.calls) < number and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.calls) >= number, self.calls
        return [body["id"] for _, body, _ in self.calls]


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.bodies.append(raw)
            self.server.calls.append((self.path, json.loads(raw), dict(self.headers)))
            status = self.server.statuses.pop(0) if self.server.statuses else 204
        self.send_response(status)
        self.end_headers()

    def log_message(self, *arguments):
        pass
