"""Mailgun's sending API, as much of it as Anymail needs: what was posted is kept."""

import json
import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append(Letter(self.path, self.headers, body))
        answer = json.dumps({"id": f"<{len(self.server.sent)}@example.je>", "message": "Queued."}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Letter:
    """`fields["to"]`, `files["Tickets.pdf"]`; `path` and `authorization` say for which domain and by whom."""

    def __init__(self, path, headers, body):
        self.path, self.authorization = path, headers["Authorization"]
        self.fields, self.files = {}, {}
        if not headers["Content-Type"].startswith("multipart"):
            self.fields = dict(parse_qsl(body.decode()))
            return
        parts = message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body)
        for part in parts.get_payload():
            content = part.get_payload(decode=True)
            if name := part.get_filename():
                self.files[name] = content
            else:
                self.fields[part.get_param("name", header="Content-Disposition")] = content.decode()


class Mailgun:
    """`with Mailgun() as mailgun:` then `mailgun.url`, `mailgun.to("ana@example.je")`."""

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.sent = self.sent = []
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/v3"

    def to(self, address):
        return [letter for letter in self.sent if address in letter.fields["to"]]
