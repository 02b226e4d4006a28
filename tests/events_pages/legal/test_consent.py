"""Counting visits: nobody is asked without a reason, nothing may load without the setting, nothing on private pages."""

import pytest
from django.urls import reverse

from events_pages.legal.cookies import script_hosts
from events_pages.models import SiteSettings
from tests import factories
from tests.ticketing.views.shop import buy, hold

pytestmark = pytest.mark.django_db
SCRIPT = "https://count.example/js/a.js"
HOST = "https://count.example"


def count_visits(home, script=SCRIPT):
    own = SiteSettings.for_site(home.get_site())
    own.analytics_name, own.analytics_script = "Plausible", script
    own.save()


@pytest.fixture
def counting(home):
    count_visits(home)
    return home


def policy(response):
    directives = response["Content-Security-Policy"].split("; ")
    return {name: sources for name, _, sources in (each.partition(" ") for each in directives)}


def test_nobody_is_asked_when_nothing_is_counted(client, home):
    answer = client.get("/")
    assert "consent" not in answer.text
    assert "count.example" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("make", [factories.make_home, factories.make_event, factories.make_legal_page])
def test_public_pages_ask_and_may_load_it(client, counting, make):
    answer = client.get(make().url)
    assert answer.text.count('data-answer="yes"') == answer.text.count('data-answer="no"') == 1
    assert f'data-script="{SCRIPT}"' in answer.text
    assert f'src="{SCRIPT}"' not in answer.text
    assert policy(answer)["script-src"] == f"'self' {HOST}"
    assert policy(answer)["connect-src"] == f"'self' {HOST}"


def test_both_answers_look_alike(client, counting):
    yes, no = (line for line in client.get("/").text.splitlines() if "data-answer=" in line)
    assert yes.split("data-answer")[0] == no.split("data-answer")[0]


def test_the_page_is_the_same_for_everybody_and_kept(client, counting, django_assert_num_queries):
    first = client.get("/")
    client.cookies["consent"] = "yes"
    with django_assert_num_queries(0):
        again = client.get("/")
    assert again.content == first.content
    assert again["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert not first.cookies


def test_private_pages_never_load_it(client, counting, admin_client):
    kind = factories.make_type(price="0.00")
    hold(client, kind)
    pages = [client.get(path) for path in ("/tickets/basket/", "/tickets/checkout/", "/tickets/find/")]
    pages.append(client.get(buy(client, kind).get_absolute_url()))
    pages.append(admin_client.get("/admin/"))
    for page in pages:
        assert "count.example" not in page.text
        assert "count.example" not in page["Content-Security-Policy"]


def test_the_next_page_does_not_learn_the_address_of_an_order(client, counting):
    order = buy(client, factories.make_type(price="0.00"))
    assert client.get(order.get_absolute_url())["Referrer-Policy"] == "strict-origin"


def test_a_change_of_the_setting_counts_at_once(client, counting, django_capture_on_commit_callbacks, rf):
    client.get("/")
    with django_capture_on_commit_callbacks(execute=True):
        count_visits(counting, script="")
    assert "count.example" not in client.get("/").text
    assert script_hosts(rf.get("/")) == []


def test_a_preview_asks_nothing(admin_client, counting):
    page = factories.make_event()
    page.save_revision()
    assert "data-answer" not in admin_client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk])).text
