"""Error reports carry no code, no token and no person."""

import gzip
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import brotli
import pytest
import sentry_sdk
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory

from common import env
from common.logs.redaction import remove_secrets, scrub_error_text, scrub_text, sentry_options
from payments.provider import Grant
from payments.sumup import oauth
from tests import factories


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (
            "https://t.je/payments/sumup/connect/return/?code=ac_1&state=s",
            "https://t.je/payments/sumup/connect/return/",
        ),
        ("https://t.je/payments/sumup/callback/7-abc/", "https://t.je/payments/sumup/callback/-/"),
        ("https://t.je/tickets/orders/JE-1/token/tickets.pdf", "https://t.je/tickets/orders/JE-1/-/tickets.pdf"),
        ("https://t.je/tickets/my-data/b3Blbi1zZXNhbWU:1x:abc/", "https://t.je/tickets/my-data/-/"),
        ("https://t.je/events/", "https://t.je/events/"),
    ],
)
def test_an_address_is_shown_without_its_secret(address, shown):
    event = {"request": {"url": address, "query_string": "code=ac_1", "cookies": {"a": "b"}, "data": "x"}}
    assert remove_secrets(event) == {"request": {"url": shown}}


def test_an_event_without_a_request_stays_as_it_is():
    assert remove_secrets({"message": "x"}) == {"message": "x"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to ana.le-brocq+je@mail.example.je failed", "to [e-mail] failed"),
        ("?email=ana%40example.je", "?email=[e-mail]"),
        ("GET /tickets/orders/JE-AB12CD34/aB3_-x/tickets.pdf", "GET /tickets/orders/JE-AB12CD34/-/tickets.pdf"),
        ("key sup_sk_live123456 refused", "key sup_sk_- refused"),
        ("Authorization: Bearer abc.def-123456", "Authorization: Bearer -"),
        ("postgres://jersey:hunter2@db:5432/jersey", "postgres://jersey:-@db:5432/jersey"),
        ("scanned JE1.ABCDEF.1x2y", "scanned [ticket]"),
        ("order.state order=JE-AB12CD34 from=failed", "order.state order=JE-AB12CD34 from=failed"),
    ],
)
def test_a_line_is_scrubbed(text, shown):
    assert scrub_text(text) == shown


def test_the_words_of_an_error_lose_whatever_looks_like_a_token():
    assert scrub_error_text(f"no row {uuid4().hex} in payments.tasks.verify_payment") == (
        "no row [token] in payments.tasks.verify_payment"
    )


def test_a_crash_in_the_middle_of_connecting_reports_no_token():
    """As production reports it: without local variables, whatever lies in them."""
    sent, secret = [], uuid4().hex
    client = sentry_sdk.Client(
        "https://key@sentry.invalid/1",
        include_local_variables=False,
        default_integrations=False,
        before_send=lambda event, hint: sent.append(event),
    )
    grant = Grant(f"at_{secret}", f"rt_{secret}", 3599, "payments")
    with sentry_sdk.new_scope() as scope:
        scope.set_client(client)
        try:
            raise RuntimeError(repr(grant) + repr(oauth.OAuthApp("https://api.sumup.com", "cc_1", secret, None)))
        except RuntimeError:
            sentry_sdk.capture_exception()
    assert "RuntimeError" in str(sent)
    assert secret not in str(sent)


VISITOR = "203.0.113.9"


class Collector(BaseHTTPRequestHandler):
    """Sentry's end of the line."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers.get("Content-Encoding"), bytes)
        self.server.sent.append(unpack(body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def collector():
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        server.sent = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def reported(collector):
    """Runs something as the site does with SENTRY_DSN; what then arrived at the other end."""

    def reported(crash):
        dsn = f"http://public@127.0.0.1:{collector.server_port}/1"
        sentry_sdk.init(**sentry_options(dsn, release="0123abcd", environment="staging"))
        crash()
        sentry_sdk.flush(5)
        return b"".join(collector.sent).decode()

    yield reported
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


@pytest.mark.django_db
def test_what_really_leaves_names_the_release_and_nobody(reported, monkeypatch):
    def refuse(*args, **kwargs):
        logging.getLogger("ticketing").warning("settle.failed for ana@example.je")
        logging.getLogger("django.request").warning("Not Found: %s", f"{order.get_absolute_url()}none/")
        raise RuntimeError("no mail for ana@example.je with sup_sk_live-123456")

    def crash():
        monkeypatch.setattr("ticketing.views.buyer.orders.refresh_progress", refuse)
        address, cookie = f"{order.get_absolute_url()}?email=ana@example.je", f"sessionid={order.token}"
        led = f"https://t.je{order.get_absolute_url()}"
        request = RequestFactory().get(address, REMOTE_ADDR=VISITOR, HTTP_COOKIE=cookie, HTTP_REFERER=led)
        request_started.disconnect(close_old_connections)  # the test's own would be one
        WSGIHandler()(request.environ, lambda status, headers: None)
        request_started.connect(close_old_connections)

    order = factories.make_order()
    sent = reported(crash)
    assert '"release":"0123abcd"' in sent
    assert '"environment":"staging"' in sent
    assert '"no mail for [e-mail] with' in sent
    assert f"/tickets/orders/{order.reference}/-/" in sent
    for hidden in (order.token, "ana@", "live-123456", VISITOR):
        assert hidden not in sent


@pytest.mark.parametrize("name", env.COMMITS)
def test_the_platform_names_the_commit(monkeypatch, name):
    for each in env.COMMITS:
        monkeypatch.delenv(each, raising=False)
    assert env.running_commit() == ""
    monkeypatch.setenv(name, "0123abcd")
    assert env.running_commit() == "0123abcd"
