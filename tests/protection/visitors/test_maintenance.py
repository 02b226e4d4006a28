"""Maintenance: the site shows, and sells nothing, and says why."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from events_pages.public import content_version
from protection.models import Maintenance
from protection.visitors import maintenance
from tests import factories
from tests.ticketing.views.shop import check_out, hold
from ticketing.domain.catalogue import availability
from ticketing.models import BasketLine, Order

pytestmark = pytest.mark.django_db

WORDS = "We mend the roof until ten."


@pytest.fixture
def adult():
    return factories.make_type(price="0.00")


@pytest.fixture
def admin_client(django_user_model):
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("ana", "ana@example.je", "x"))
    return client


def test_it_works(client, adult):
    maintenance.begin_maintenance(WORDS)
    refused = hold(client, adult)
    assert refused.status_code == 503
    assert refused["Retry-After"] == "300"
    assert WORDS in refused.content.decode()
    assert not BasketLine.objects.exists()
    assert maintenance.end_maintenance()
    assert hold(client, adult).status_code == 303


def test_buy_box_says_the_sentence_and_has_no_button(client, adult):
    maintenance.begin_maintenance(WORDS)
    for address in (adult.sale.page.get_url(), reverse("ticketing:sale", args=[adult.sale_id])):
        page = client.get(address).content.decode()
        assert WORDS in page
        assert "Hold these tickets" not in page
    live = client.get(reverse("ticketing:live", args=[adult.sale_id])).json()
    assert live == {"rows": {}, "paused": WORDS}


def test_holds_are_kept_and_the_basket_waits(client, adult):
    hold(client, adult)
    maintenance.begin_maintenance(WORDS)
    for name in ("basket", "checkout"):
        page = client.get(reverse(f"ticketing:{name}")).content.decode()
        assert WORDS in page
        assert not any(
            words in page for words in ("Check out</a>", "Get the free tickets", "Change<", "need more time")
        )
    assert check_out(client).status_code == 503
    maintenance.end_maintenance()
    assert check_out(client).status_code == 303
    assert Order.objects.count() == 1


def test_money_that_arrives_meanwhile_is_not_refused(adult):
    """`why_sale_stopped` sends late money to a person: maintenance is no reason for that."""
    maintenance.begin_maintenance(WORDS)
    assert availability.why_sale_stopped(adult.sale) == ""


@pytest.mark.parametrize("address", ["/admin/login/", "/tickets/scan/1/", "/payments/sumup/callback/x/", "/health/"])
def test_staff_doors_and_callbacks_go_on(client, address):
    maintenance.begin_maintenance(WORDS)
    assert client.post(address).status_code != 503


def test_kept_pages_are_forgotten(client, adult, django_capture_on_commit_callbacks):
    before = content_version.make_first_version()
    with django_capture_on_commit_callbacks(execute=True):
        maintenance.begin_maintenance(WORDS)
    begun = content_version.make_first_version()
    with django_capture_on_commit_callbacks(execute=True):
        maintenance.end_maintenance()
    assert len({before, begun, content_version.make_first_version()}) == 3


def test_sentence_asks_the_database_once_in_a_while(django_assert_num_queries):
    maintenance.forget_sentence()
    with django_assert_num_queries(1):
        assert [maintenance.current_sentence() for _ in range(3)] == ["", "", ""]


def test_a_new_sentence_takes_the_place_of_the_old_one():
    maintenance.begin_maintenance("First.")
    maintenance.begin_maintenance("Second.")
    assert maintenance.current_sentence() == "Second."
    assert maintenance.end_maintenance()
    assert maintenance.current_sentence() == ""
    assert not maintenance.end_maintenance()


def test_command(capsys):
    call_command("maintenance", "on", WORDS)
    assert maintenance.current_sentence() == WORDS
    call_command("maintenance", "status")
    call_command("maintenance", "off")
    assert maintenance.current_sentence() == ""
    assert WORDS in capsys.readouterr().out
    for wrong in (["on"], ["on", " "], ["off", "Why?"]):
        with pytest.raises(CommandError):
            call_command("maintenance", *wrong)


def test_administrators_begin_and_end_it(admin_client):
    address = reverse("maintenance")
    assert "Pause selling" in admin_client.get(address).content.decode()
    assert admin_client.post(address, {"sentence": "  "}).status_code == 422
    admin_client.post(address, {"sentence": WORDS})
    assert Maintenance.objects.get().by.username == "ana"
    assert WORDS in admin_client.get(address).content.decode()
    admin_client.post(address, {"end": "1"})
    assert maintenance.current_sentence() == ""


def test_others_may_not(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("bea", "bea@example.je", "x"))
    assert client.post(reverse("maintenance"), {"sentence": WORDS}).status_code in (302, 403)
    assert not Maintenance.objects.exists()
