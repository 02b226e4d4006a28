"""The Procfile's own lines with production's settings, on PostgreSQL and Redis, behind TLS."""

import gzip
import re
from http.client import HTTPConnection

import brotli
import pytest
from django.db import connection

from tests.e2e.letters import codes_on
from tests.harness import until
from tests.production.front import Browser
from tests.production.site import HOST
from ticketing.enums import DeliveryKind, OrderState
from ticketing.models import Order, Ticket

A_YEAR = 315_360_000
READ_BY_SCRIPTS = ("basket_until=", "__Host-csrftoken=")
SPOOFED = {"X-Forwarded-For": "203.0.113.66", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}


def path_of(sale):
    return sale.page.relative_url(None)


def sheet_of(visitor):
    """The site's style sheet, under the name that its content gives it."""
    page = visitor.get("/tickets/find/")
    return re.search(r'href="(/static/css/site\.[0-9a-f]{12}\.css)"', page.text)[1]


def ask(port, path, **headers):
    """Plain HTTP by whoever comes along."""
    visitor = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        visitor.request("GET", path, headers=headers)
        answer = visitor.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        visitor.close()


def test_a_free_ticket_is_bought_over_tls_and_mailed(site, front, sale):
    """Buyer, web, worker, mail: everything except SumUp, which production knows only live."""
    sale, ticket_type = sale
    buyer = Browser(HOST, front.secure, trust=front.trust, **SPOOFED)
    page = buyer.buy(sale.pk, {ticket_type.pk: 2}, look_at=path_of(sale))
    assert page.status == 200, page.text[:2000]
    order = Order.objects.get(buyer_email=buyer.email)
    assert order.state == OrderState.COMPLETED
    assert order.accepted_from == "127.0.0.1"
    [letter] = until(lambda: site.mailgun.to(buyer.email), what="the mail with the tickets")
    assert letter.path == f"/v3/{HOST}/messages"
    assert f"https://{HOST}/tickets/orders/{order.reference}/" in letter.fields["text"]
    [pdf] = [content for name, content in letter.files.items() if name.endswith(".pdf")]
    assert len(codes_on(pdf)) == Ticket.objects.filter(line__order=order).count() == 2
    until(lambda: order.deliveries.get(kind=DeliveryKind.TICKETS).sent_at, what="the note that it was sent")
    assert_cookies_are_safe(buyer.set)


def assert_cookies_are_safe(set_cookies):
    assert set_cookies
    for cookie in set_cookies:
        facts = {word.strip().lower() for word in cookie.split(";")[1:]}
        if "max-age=0" in facts:
            continue  # taken away again
        assert {"secure", "samesite=lax"} <= facts, cookie
        assert "httponly" in facts or cookie.startswith(READ_BY_SCRIPTS), cookie


def test_pages_carry_the_headers_of_production(visitor, sale):
    page = visitor.get(path_of(sale[0]))
    assert page.status == 200
    assert visitor.last["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "unsafe-inline" not in visitor.last["Content-Security-Policy"]
    assert "object-src 'none'" in visitor.last["Content-Security-Policy"]
    assert visitor.last["X-Content-Type-Options"] == "nosniff"
    assert visitor.set == []


def test_plain_http_is_sent_to_tls_whatever_the_visitor_claims(front):
    status, headers, _ = ask(front.plain, "/tickets/find/?q=1", Host=HOST, **SPOOFED)
    assert (status, headers["Location"]) == (301, f"https://{HOST}/tickets/find/?q=1")


def test_a_host_that_is_not_ours_is_refused(visitor):
    assert visitor.ask("GET", "/tickets/find/", Host="evil.example").status == 400
    page = visitor.ask("GET", "/tickets/find/", **{"X-Forwarded-Host": "evil.example"})
    assert page.status == 200
    assert "evil.example" not in page.text


def test_the_platforms_probe_is_answered_without_tls_by_any_host(site):
    for path in ("/health/", "/health/live/"):
        status, _, content = ask(site.port, path, Host="10.244.7.31:8080")
        assert status == 200, content
    assert site.environment["SECRET_KEY"] not in content.decode()


@pytest.mark.parametrize(("encoding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)])
def test_static_files_are_hashed_compressed_and_kept_for_a_year(visitor, encoding, unpack):
    path = sheet_of(visitor)
    assert visitor.ask("GET", path, **{"Accept-Encoding": encoding or "identity"}).status == 200
    assert (visitor.last["Content-Encoding"] or "") == encoding
    assert b"--paper" in unpack(visitor.content) or b":root" in unpack(visitor.content)
    assert f"max-age={A_YEAR}" in visitor.last["Cache-Control"]
    assert "immutable" in visitor.last["Cache-Control"]


def test_pages_are_compressed_without_a_proxy(visitor):
    assert visitor.ask("GET", "/tickets/find/", **{"Accept-Encoding": "gzip"}).status == 200
    assert visitor.last["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(visitor.content)


def test_media_is_served_and_never_taken_for_something_else(site, visitor):
    kept = site.checkout / "var" / "media" / "images"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "poster.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert visitor.get("/media/images/poster.png").status == 200
    assert visitor.last["Content-Type"] == "image/png"
    assert visitor.last["X-Content-Type-Options"] == "nosniff"
    assert "public" in visitor.last["Cache-Control"]
    assert visitor.get("/media/../db.sqlite3").status in (400, 404)


def test_a_page_that_is_not_there_is_told_in_the_sites_words(visitor):
    page = visitor.get("/there/is/nothing/")
    assert page.status == 404
    assert "Jersey Events" in page.text


def test_a_failure_shows_the_sites_words_and_no_insides(site, visitor, sale):
    """The table of baskets is away for a moment."""
    assert visitor.hold(sale[0].pk, {sale[1].pk: 1}).status == 303
    rename("ticketing_basket", "ticketing_gone")
    try:
        page = visitor.get("/tickets/basket/")
    finally:
        rename("ticketing_gone", "ticketing_basket")
    assert page.status == 500
    assert "Jersey Events" in page.text
    assert "ProgrammingError" not in page.text
    assert "Traceback" not in page.text
    assert visitor.get("/tickets/basket/").status == 200


def rename(old, new):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")
