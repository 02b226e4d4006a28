"""The launch check in the admin."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from operations.enums import Urgency
from operations.launch import registry
from operations.launch.registry import Check, green, red

GOOD = Check("good", "A good thing", Urgency.SHOULD, lambda facts: green("Fine."))
BAD = Check("bad", "A bad thing", Urgency.MUST, lambda facts: red("It is <broken>.", "Mend it."))


@pytest.fixture
def signed_in(client, home):
    client.force_login(get_user_model().objects.create_superuser("marie", "", ""))
    return client


def test_administrators_see_what_is_wrong_first(signed_in, monkeypatch):
    monkeypatch.setattr(registry, "load_checks", lambda: {"good": GOOD, "bad": BAD})
    page = signed_in.get(reverse("launch")).content.decode()
    assert "<strong>NO-GO</strong>" in page
    assert "It is &lt;broken&gt;." in page
    assert page.index("A bad thing") < page.index("Mend it.") < page.index("A good thing")


def test_go(signed_in, monkeypatch):
    monkeypatch.setattr(registry, "load_checks", lambda: {"good": GOOD})
    page = signed_in.get(reverse("launch")).content.decode()
    assert "<strong>GO</strong>" in page
    assert "Must before launch" not in page


def test_it_is_in_the_menu_of_reports(signed_in):
    assert reverse("launch") in signed_in.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize("permission", [None, "access_admin"])
def test_others_may_not_look(client, home, permission):
    somebody = get_user_model().objects.create_user("olive")
    if permission:
        somebody.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(somebody)
    assert client.get(reverse("launch")).status_code == 302
    assert reverse("launch") not in client.get("/admin/", follow=True).content.decode()
