"""Erasing a person at the order desk, and the list of certificates: for whoever answers for data protection."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from tests.factories import make_order, make_type
from tests.stories import make_staff
from tests.ticketing.domain.privacy.test_erasure import make_past_type
from ticketing.models import Erasure, Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return make_order(make_past_type(), buyer_name="Ana Le Brocq", buyer_email="ana@example.je")


@pytest.fixture
def url(order):
    return reverse("order_desk:erase", args=[order.pk])


@pytest.fixture
def order_url(order):
    return reverse("orders:inspect", args=[order.pk])


@pytest.fixture
def organiser(order):
    return make_staff("ana", order.lines.get().sale.page, "refund_order")


@pytest.fixture
def administrator(client):
    user = User.objects.create_superuser("vera")
    client.force_login(user)
    return user


def test_it_works(client, administrator, order, url, order_url):
    coming = make_order(make_type(), buyer_email="ana@example.je")
    assert url in client.get(order_url).text
    asked = client.get(url).text
    assert order.reference in asked
    assert f"{coming.reference}: its tickets are for an event that is still to come" in asked
    assert not Erasure.objects.exists()
    done = client.post(url, follow=True).text
    assert "erased. What has to wait follows" in done
    assert "an erased person" in done
    assert "Person erased on" in done
    assert url not in done
    assert Erasure.objects.get().by == administrator


def test_erased_already_is_said(client, administrator, url):
    client.post(url)
    for response in (client.get(url, follow=True), client.post(url, follow=True)):
        assert "This person was erased already." in response.text
    assert Erasure.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_organiser_does_not_erase_people_of_others(client, organiser, url, order_url, method):
    client.force_login(organiser)
    assert "Erase this person" not in client.get(order_url).text
    assert getattr(client, method)(url).status_code in (302, 403)
    assert not Order.objects.get().erased_at


def test_who_answers_for_data_protection_may(client, organiser, url):
    group = Group.objects.create(name="Data protection")
    group.permissions.set(Permission.objects.filter(codename__in=["add_erasure", "view_erasure"]))
    organiser.groups.add(group)
    client.force_login(organiser)
    client.post(url)
    assert Order.objects.get().erased_at
    assert client.get(reverse("erasures_report")).status_code == 200


def test_the_report_lists_certificates_and_leads_to_nobody(client, administrator, url):
    client.post(url)
    report = client.get(reverse("erasures_report"))
    assert "asked for" in report.text
    exported = b"".join(client.get(reverse("erasures_report"), {"export": "csv"}).streaming_content).decode()
    subject = Erasure.objects.get().subject
    assert len(subject) == 64
    assert subject not in report.text + exported
    assert exported.count("\n") == 2


def test_the_report_is_not_for_everybody(client, organiser):
    client.force_login(organiser)
    assert client.get(reverse("erasures_report")).status_code in (302, 403)


def test_lists_and_exports_bear_an_erased_person(client, administrator, url):
    client.post(url)
    for name in ("orders", "tickets", "check_ins"):
        assert client.get(reverse(f"{name}:index")).status_code == 200
        assert b"ana@" not in b"".join(client.get(reverse(f"{name}:index"), {"export": "csv"}).streaming_content)


def test_a_refund_page_says_that_nobody_is_told(client, administrator, order, url):
    client.post(url)
    refund = {"extent": "whole", "money_back": "", "tell_buyer": "on", "reason": "ill"}
    page = client.post(reverse("order_desk:refund", args=[order.pk]), refund).text
    assert "No: the person was erased" in page
