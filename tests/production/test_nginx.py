"""deploy/nginx/jersey.conf in front of the same processes: what a visitor claims does not get through."""

import gzip
import shutil
from types import SimpleNamespace

import pytest

from common.http import body_sizes
from demo.prepare import install_debian_package
from demo.processes import Program
from tests.deploy.test_files import nginx_files
from tests.harness import until
from tests.production.front import Browser
from tests.production.site import HOST
from tests.production.test_processes import SPOOFED, ask, path_of, sheet_of
from tests.services import answers, free_port
from ticketing.models import Order


@pytest.fixture(scope="module")
def nginx(site, tmp_path_factory):
    if not (shutil.which("nginx") or install_debian_package("nginx-light")):
        pytest.skip("nginx is not installed, and cannot be; tests/deploy reads its file all the same")
    folder, ports = tmp_path_factory.mktemp("nginx"), {"http": free_port(), "https": free_port()}
    folder.chmod(0o755)
    main = nginx_files(folder, site=site.port, **ports)
    with open(folder / "output", "wb") as output:
        program = Program("nginx", ["nginx", "-c", main, "-p", folder], output=output)
    try:
        until(lambda: answers(ports["https"]) or not program.running, what="nginx")
        assert program.running, (folder / "output").read_text()
        yield SimpleNamespace(folder=folder, trust=folder / "certificate.pem", **ports)
    finally:
        program.stop()


@pytest.fixture
def guest(nginx):
    somebody = Browser(HOST, nginx.https, trust=nginx.trust)
    yield somebody
    somebody.close()


def test_a_purchase_comes_from_where_it_comes_from(nginx, sale):
    buyer = Browser(HOST, nginx.https, trust=nginx.trust, **SPOOFED)
    buyer.email = "behind-nginx@example.je"
    page = buyer.buy(sale[0].pk, {sale[1].pk: 1}, look_at=path_of(sale[0]))
    assert page.status == 200, page.text[:1000]
    assert Order.objects.get(buyer_email=buyer.email).accepted_from == "127.0.0.1"


def test_plain_http_is_sent_to_tls(nginx):
    status, headers, _ = ask(nginx.http, "/tickets/find/?q=1", Host=HOST, **SPOOFED)
    assert (status, headers["Location"]) == (301, f"https://{HOST}/tickets/find/?q=1")


def test_another_name_gets_nothing(nginx):
    with pytest.raises(OSError):  # noqa: PT011 - reset, refused or handshake failure: all are nothing
        ask(nginx.http, "/", Host="evil.example")
    with pytest.raises(OSError):  # noqa: PT011 - the same
        Browser("evil.example", nginx.https, trust=nginx.trust).get("/")


def test_each_browser_gets_the_form_of_a_file_that_it_understands(guest):
    """nginx keeps one copy of each and never mixes them up."""
    path = sheet_of(guest)
    for encoding in ("br", "gzip", "identity", "gzip", "br"):
        assert guest.ask("GET", path, **{"Accept-Encoding": encoding}).status == 200
        assert (guest.last["Content-Encoding"] or "identity") == encoding
        assert "immutable" in guest.last["Cache-Control"]
        assert guest.last["X-Content-Type-Options"] == "nosniff"


def test_a_page_is_compressed_once(guest):
    """By the site, which varies its length; static files come as brotli to the same browser."""
    browser = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    assert guest.ask("GET", "/tickets/find/", **browser).status == 200
    assert (guest.last["Content-Encoding"], guest.last.get_all("Vary")) == ("gzip", ["Accept-Encoding"])
    assert b"</html>" in gzip.decompress(guest.content)
    assert guest.ask("GET", sheet_of(guest), **browser).status == 200
    assert guest.last["Content-Encoding"] == "br"


def test_a_file_too_large_is_refused_before_it_is_read(guest):
    assert guest.ask("POST", "/tickets/find/", b"x" * (13 * 1024 * 1024)).status == 413


def test_nothing_that_opens_an_order_is_written_down(nginx, guest, sale):
    """A page that is there, one that is not, one that plain HTTP asks for, and one of an over-long address."""
    buyer = Browser(HOST, nginx.https, trust=nginx.trust)
    buyer.email = "logged-by-nginx@example.je"
    buyer.buy(sale[0].pk, {sale[1].pk: 1}, look_at=path_of(sale[0]))
    order = Order.objects.get(buyer_email=buyer.email)
    path, key = order.get_absolute_url(), f"{order.pk}.1abc.{order.token}"
    led = {"Referer": f"https://{HOST}{path}"}
    for each in (
        path,
        f"/{path}",
        f"{path}none/",
        f"{path}?code={order.token}",
        f"/tickets/my-data/{key}/",
        path.upper(),
    ):
        guest.ask("GET", each, **led)
        ask(nginx.http, each, Host=HOST, **led)
    guest.ask("GET", f"{path}?{'x' * 9000}", **led)
    written = "".join(file.read_text(errors="replace") for file in nginx.folder.glob("*.log"))
    assert f'"GET /tickets/orders/{order.reference}/- HTTP/1.1" 200' in written
    assert '"GET /tickets/my-data/- HTTP/1.1" 404' in written
    assert order.token.lower() not in written.lower()


@pytest.mark.parametrize(("path", "longest"), [*body_sizes.LONGEST, ("/tickets/find/", body_sizes.PUBLIC)])
def test_nginx_and_the_site_take_the_same(guest, path, longest):
    """Up to the longest the site itself answers, whatever it says to nonsense."""
    assert guest.ask("POST", path, b"x" * longest).status not in (408, 413, 502)
    assert guest.ask("POST", path, b"x" * (longest + 1)).status == 413
