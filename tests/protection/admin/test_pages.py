"""Pages of administrators: their breadcrumbs lead home, and nobody else opens them."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.protection.people import make_ana, make_ben, sign_in

pytestmark = pytest.mark.django_db


def pages(person):
    yield reverse("maintenance"), ["Home", "Maintenance"]
    yield reverse("sign_in_people"), ["Home", "Signing in"]
    yield reverse("sign_in_person", args=[person.pk]), ["Home", "Signing in", person.get_username()]


def test_breadcrumbs_name_the_pages_above(client):
    ana = make_ana()
    sign_in(client)
    for address, labels in pages(ana):
        crumbs = client.get(address).context["breadcrumbs_items"]
        assert [str(crumb["label"]) for crumb in crumbs] == labels
        assert [client.get(crumb["url"]).status_code for crumb in crumbs if crumb["url"]] == [200] * (len(labels) - 1)


def test_others_are_refused():
    ana, ben = make_ana(), make_ben()
    client = Client()
    client.force_login(ben)
    for address, _labels in pages(ana):
        assert client.get(address).status_code in (302, 403)
