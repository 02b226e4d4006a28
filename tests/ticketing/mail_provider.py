"""A mail provider over real HTTP: SendGrid's and Mailgun's answers, or the refusal it is told to give."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

YES = b'{"id": "<1@mailgun>", "message": "Queued. Thank you."}'


class MailProvider:
    """`status` is what it answers; None hangs up without a word."""

    def __init__(self):
        self.bodies = []
        self.status = 200
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                provider.bodies.append(body.decode(errors="replace"))
                if provider.status is not None:
                    self.answer(provider.status)

            def answer(self, status):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(YES)))
                self.end_headers()
                self.wfile.write(YES)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def settings(self, name):
        name = name.upper()
        url = f"http://127.0.0.1:{self.server.server_port}/"
        return {f"{name}_API_KEY": "key", f"{name}_API_URL": url, "MAILGUN_SENDER_DOMAIN": "example.je"}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()
