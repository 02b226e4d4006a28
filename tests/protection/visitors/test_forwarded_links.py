"""A link at the end of a sentence opens its page, by one redirect; nonsense stays a 404."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.events_pages.test_pages import path_of
from tests.factories import make_event, make_order, make_type
from ticketing.domain.privacy import access_links
from ticketing.models import Order

pytestmark = pytest.mark.django_db

ENDS = (
    *(".", ",", ")", "]", "%3E", "%E2%80%9D", "'", "!", "%20", "%E2%80%8B", "%EF%BB%BF", "%C2%AD", "%0A", "=%0D%0A"),
    *("&amp;x=y", "&utm_source=mail", ").", "/"),
)


@pytest.fixture
def order():
    return make_order(make_type(price="0.00"))


def fetch(client, path, **options):
    """Also a path with two slashes before it, which the test's client would read as a host."""
    return client.get("/", PATH_INFO=path, **options) if path.startswith("//") else client.get(path, **options)


def follow(client, path):
    """The one address that a link leads to."""
    answer = fetch(client, path)
    assert answer.status_code in (301, 302), path
    assert client.get(answer["Location"]).status_code == 200, path
    return answer["Location"]


def test_the_order_page_opens_whatever_became_of_its_link(client, order):
    right = order.get_absolute_url()
    broken = [right + end for end in ENDS] + [right.rstrip("/") + end for end in ("", *ENDS[:-1])]
    broken += [right.upper(), right.lower(), right.title(), right.replace("/orders", "//orders"), f"/{right}"]
    broken += [right[:40] + each + right[40:] for each in ("%0A", "=%0A", "%20", "%E2%80%8B", "%0D%0A%20")]
    for path in broken:
        assert follow(client, path) == right, path


def test_what_hangs_on_an_order_opens_too(client, order):
    right = order.get_absolute_url()
    assert follow(client, f"{right}event.ics).") == f"{right}event.ics"
    assert follow(client, f"{right.upper()}TICKETS.PDF") == f"{right}tickets.pdf"


def test_the_way_to_a_private_page_is_private_and_drops_what_was_hung_on_it(client, order):
    answer = client.get(order.get_absolute_url() + ").?utm_source=mail&amp;fbclid=1")
    assert answer["Location"] == order.get_absolute_url()
    assert answer["Cache-Control"] == "no-store, private"
    assert "noindex" in answer["X-Robots-Tag"]
    assert client.get(order.get_absolute_url() + "?utm_source=mail&amp;fbclid=1").status_code == 200


def test_a_link_of_before_opens_as_it_was_and_in_no_other_letters(client, order):
    Order.objects.filter(pk=order.pk).update(token="aB3_-xYz0123456789aB3_-xYz012345")
    right = f"/tickets/orders/{order.reference}/aB3_-xYz0123456789aB3_-xYz012345/"
    assert client.get(right).status_code == 200
    assert follow(client, f"{right.rstrip('/')}).") == right
    for path in (right.lower(), right.upper()):
        assert client.get(path).status_code == 404


def test_my_data_opens_whatever_became_of_its_link(client, order):
    key = access_links.make_access_key(order)
    right = f"/tickets/my-data/{key}/"
    assert client.get(right).status_code == 200
    broken = [right + end for end in ENDS] + [right.rstrip("/") + end for end in ENDS[:-1]]
    for path in [*broken, right.upper(), f"/tickets//my-data/{key}"]:
        assert follow(client, path) == right, path


def test_the_pages_without_a_secret_open_too(client):
    for right in ("/tickets/find/", "/tickets/my-data/", "/tickets/basket/"):
        for path in (f"{right}.", f"{right.rstrip('/')}).", right.upper(), right.replace("/tickets", "//tickets")):
            assert follow(client, path) == right, path


def test_what_a_mail_to_staff_leads_to_opens_too(admin_client, order):
    right = reverse("orders:inspect", args=[order.pk])
    for path in (f"{right}).", right.rstrip("/") + ">.", right.upper()):
        assert follow(admin_client, path) == right, path


def test_a_page_has_one_address_for_search_engines(client):
    right = path_of(make_event())
    name = right.strip("/")
    broken = (f"{right}.", f"/{name}).", f"/{name.upper()}/", f"/{name.title()}", f"//{name}/", f"{right}&utm_source=x")
    for path in broken:
        answer = fetch(client, path)
        assert (answer.status_code, answer["Location"]) == (301, right), path
    assert client.get(f"/{name}).?page=2")["Location"] == f"{right}?page=2"
    canonical = client.get(f"{right}?utm_source=x").text.partition('<link rel="canonical" href="')[2].partition('"')[0]
    assert canonical.partition("//")[2].partition("/")[2] == right[1:]


def test_nonsense_stays_a_404_and_leads_nowhere_else(client, order):
    wrong = f"/tickets/orders/{order.reference}/wrong"
    for path in (
        *(
            "/nothing/.",
            "/Nothing/",
            "//evil.example/",
            "/%5Cevil.example/).",
            "//evil.example/%2e%2e/",
            "/wp-login.php",
        ),
        *(f"{wrong}).", f"{wrong}/.", f"/tickets/orders/JE-00000000/{order.token})."),
        *("/media/x.", f"{order.get_absolute_url()}resend/)."),
    ):
        answer = fetch(client, path, follow=True)
        assert answer.status_code in (400, 404), path
        assert not [to for to, _status in answer.redirect_chain if "example" in to], path


def test_only_reading_is_mended(order):
    assert Client().post(order.get_absolute_url() + ").").status_code == 404
