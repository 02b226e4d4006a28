"""Mail providers on loopback, over real HTTP and SMTP: what each answers, the refusal it is told, and silence."""

import json
import socketserver
import threading
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

YES = {
    "id": "<1@mailgun>",
    "message": "Queued. Thank you.",
    "Message": "OK",
    "MessageID": "1@postmark",
    "MessageId": "1@amazon",
    "To": "ana@example.je",
}
BACKENDS = {
    "mailgun": "anymail.backends.mailgun.EmailBackend",
    "postmark": "anymail.backends.postmark.EmailBackend",
    "sendgrid": "anymail.backends.sendgrid.EmailBackend",
    "amazon_ses": "anymail.backends.amazon_ses.EmailBackend",
}


class MailProvider:
    """`status` is what it answers to a message; None takes it and hangs up without a word.

    `remembered` is what it says when it is asked for a message: a JSON value by the start of the path, a number to
    refuse with. `asked` are the questions.
    """

    def __init__(self):
        self.bodies, self.asked = [], []
        self.status, self.answer = 200, YES
        self.remembered = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                provider.bodies.append(body.decode(errors="replace"))
                if provider.status is not None:
                    self.say(provider.status, provider.answer)

            def do_GET(self):
                parts = urlsplit(self.path)
                provider.asked.append((parts.path, {key: value for key, [value] in parse_qs(parts.query).items()}))
                known = sorted(path for path in provider.remembered if parts.path.startswith(path))
                found = provider.remembered[known[-1]] if known else 404
                self.say(*((found, {}) if isinstance(found, int) else (200, found)))

            def say(self, status, answer):
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/"

    def settings(self, name):
        """Anymail's settings: those of the site, and the way to this provider."""
        name = name.upper()
        ours = {f"{name}_API_KEY": "key", f"{name}_API_URL": self.url, "MAILGUN_SENDER_DOMAIN": "example.je"}
        ours |= {"POSTMARK_SERVER_TOKEN": "key", "REQUESTS_TIMEOUT": 5}
        return settings.ANYMAIL | ours | {"AMAZON_SES_CLIENT_PARAMS": self.client_of_amazon()}

    def client_of_amazon(self):
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "eu-west-2"}
        return settings.ANYMAIL.get("AMAZON_SES_CLIENT_PARAMS", {}) | keys | {"endpoint_url": self.url}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """Plain SMTP. `answers` replaces the words for a command: {"RCPT": "450 later"}; None hangs up instead.

    `letters` are the messages taken.
    """

    def __init__(self):
        self.letters, self.answers = [], {}
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.say("220 mail.example.je")
                while line := self.rfile.readline().decode().strip():
                    if not self.obey(line.split(" ")[0].split(":")[0].upper()):
                        return

            def obey(self, command):
                if command == "DATA":
                    self.say("354 go on")
                    outer.letters.append(message_from_bytes(self.read_letter(), policy=default))
                answer = outer.answers.get(command, "221 bye" if command == "QUIT" else "250 OK")
                if answer:
                    self.say(answer)
                return bool(answer) and command != "QUIT"

            def read_letter(self):
                lines = list(iter(self.rfile.readline, b".\r\n"))
                return b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)

            def say(self, words):
                self.wfile.write(f"{words}\r\n".encode())

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)

    def settings(self):
        return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": self.server.server_address[1], "EMAIL_TIMEOUT": 5}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()
