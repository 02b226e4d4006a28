"""A proxy that keeps pages, set up as docs/operations/cdn.md says, in front of both processes."""

import re
import shutil
import time
from types import SimpleNamespace

import pytest
from redis import Redis

from demo.prepare import install_debian_package
from demo.processes import Program
from events_pages.models import EventPage
from tests import services
from tests.deploy.test_files import nginx_files
from tests.harness import ROOT, Member, answers, until
from tests.production.front import Browser
from tests.production.site import HOST, procfile
from tests.production.test_processes import SPOOFED, path_of
from ticketing.models import Order

SECONDS = 3
PAGE = (ROOT / "docs/operations/cdn.md").read_text(encoding="utf-8")
NEVER_KEPT = [
    "/tickets/basket/",
    "/tickets/find/",
    "/admin/login/",
    "/health/",
    "/nothing/here/",
    "/events/?q=shanties",
]


def block(name):
    """What the page tells operators to write, as it stands there."""
    return re.search(rf"```nginx {name}\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.fixture(scope="module")
def web(site):
    """One more web process of the same site, whose pages may be kept."""
    port = services.free_port()
    environment = site.environment | {"PORT": str(port), "CDN_PAGE_SECONDS": str(SECONDS)}
    options = {"folder": site.folder, "environment": environment, "by": "bash", "cwd": site.checkout}
    options["ready"] = lambda _: answers(f"http://127.0.0.1:{port}/health/live/")
    member = Member("web-behind-network", ["-c", procfile()["web"]], **options)
    try:
        member.start()
        yield port
    finally:
        member.kill_hard()


@pytest.fixture(scope="module")
def network(web, tmp_path_factory):
    if not (shutil.which("nginx") or install_debian_package("nginx-light")):
        pytest.skip("nginx is not installed, and cannot be")
    folder, ports = tmp_path_factory.mktemp("network"), {"http": services.free_port(), "https": services.free_port()}
    folder.chmod(0o755)
    main = nginx_files(folder, site=web, **ports)
    follow_the_page(folder)
    with open(folder / "output", "wb") as output:
        program = Program("nginx", ["nginx", "-c", main, "-p", folder], output=output)
    try:
        until(lambda: services.answers(ports["https"]) or not program.running, what="nginx")
        assert program.running, (folder / "output").read_text()
        yield SimpleNamespace(trust=folder / "certificate.pem", **ports)
    finally:
        program.stop()


def follow_the_page(folder):
    """Its three blocks, where it says; with a folder of the test, and this machine as the network before it."""
    text, inside = (folder / "jersey.conf").read_text(), "    location / {\n        limit_req"
    assert text.count(inside) == text.count("upstream jersey {") == 1
    text = text.replace(inside, inside.replace("        limit_req", block("in the location") + "        limit_req"))
    text = text.replace(
        "upstream jersey {", block("by address").replace("192.0.2.0/24", "127.0.0.1") + "upstream jersey {"
    )
    (folder / "jersey.conf").write_text(block("at the top").replace("/var/lib/nginx", str(folder)) + text)


@pytest.fixture
def guest(network):
    somebody = Browser(HOST, network.https, trust=network.trust)
    yield somebody
    somebody.close()


def from_where(guest, path):
    """HIT: what the proxy had kept."""
    guest.get(path)
    return guest.last["X-Cache"]


def ask_early_in_a_minute():
    """At its end pages are not kept for as long."""
    left = 60 - time.time() % 60
    if left < 2 * SECONDS:
        time.sleep(left)


def rename_page(site, page_id, title):
    """As staff do; the purge is said to the site's own cache, which is not that of this process."""
    page = EventPage.objects.get(pk=page_id)
    page.title = title
    page.save_revision().publish()
    with Redis.from_url(f"{site.redis_url}/1") as cache:
        cache.flushdb()


def test_a_page_is_kept_as_long_as_it_says_and_no_longer(site, guest, sale):
    ask_early_in_a_minute()
    path = path_of(sale[0])
    assert from_where(guest, path) == "MISS"
    assert guest.last["Cache-Control"] == f"public, max-age=0, s-maxage={SECONDS}"
    assert from_where(guest, path) == "HIT"
    assert "s-maxage" in guest.last["Cache-Control"]
    rename_page(site, sale[0].page_id, "Free Shanties, renamed")
    until(lambda: "renamed" in guest.get(path).text, seconds=SECONDS + 2, what="the new title")
    assert guest.last["X-Cache"] in ("EXPIRED", "HIT")


@pytest.mark.parametrize("path", NEVER_KEPT)
def test_what_is_not_for_everybody_is_never_kept(guest, path):
    assert [from_where(guest, path), from_where(guest, path)] == ["MISS", "MISS"]
    assert "s-maxage" not in guest.last["Cache-Control"]


def test_staff_get_no_copy_and_leave_none(guest, sale):
    ask_early_in_a_minute()
    path = f"{path_of(sale[0])}?utm_source=staff"
    assert from_where(guest, path) == "MISS"
    guest.cookies["__Host-sessionid"] = "somebody"
    assert [from_where(guest, path), from_where(guest, path)] == ["BYPASS", "BYPASS"]
    assert guest.last["Cache-Control"] == "private, max-age=0"


def test_a_buyer_buys_through_it_and_nobody_else_is_shown_the_order(network, guest, sale):
    buyer = Browser(HOST, network.https, trust=network.trust, **SPOOFED)
    buyer.email = "behind-a-network@example.je"
    page = buyer.buy(sale[0].pk, {sale[1].pk: 1}, look_at=path_of(sale[0]))
    assert page.status == 200, page.text[:1000]
    order = Order.objects.get(buyer_email=buyer.email)
    assert order.accepted_from == SPOOFED["X-Forwarded-For"], "as the network says, which is the one to be believed"
    live = f"/tickets/sales/{sale[0].pk}/live.json"
    for path in (order.get_absolute_url(), f"{order.get_absolute_url()}tickets.pdf", live):
        assert [from_where(guest, path), from_where(guest, path)] == ["MISS", "MISS"], path
    assert from_where(guest, "/tickets/basket/") == "MISS"
    buyer.close()
