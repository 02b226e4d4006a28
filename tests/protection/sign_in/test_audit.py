"""Every attempt to sign in leaves a row that administrators can read, filter and take with them; others cannot."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from protection.enums import SignInOutcome
from protection.models import SignIn
from protection.sign_in import audit
from protection.signals import unusual
from tests.protection.people import FIREFOX, make_ana, make_ben, sign_in

pytestmark = pytest.mark.django_db
REPORT = "sign_ins_report"


def test_each_outcome_is_a_row_with_name_address_and_browser(client):
    ana = make_ana()
    sign_in(client, password="wrong", headers={"user-agent": FIREFOX})
    sign_in(client, "nobody")
    sign_in(client)
    client.post(reverse("wagtailadmin_logout"))
    rows = list(SignIn.objects.order_by("id").values_list("user", "username", "outcome", "address"))
    assert rows == [
        (ana.pk, "ana", SignInOutcome.WRONG_PASSWORD, "127.0.0.1"),
        (None, "nobody", SignInOutcome.WRONG_PASSWORD, "127.0.0.1"),
        (ana.pk, "ana", SignInOutcome.SIGNED_IN, "127.0.0.1"),
        (ana.pk, "ana", SignInOutcome.SIGNED_OUT, "127.0.0.1"),
    ]
    assert SignIn.objects.earliest("id").agent == FIREFOX


def test_no_password_and_no_name_goes_to_the_log(client, caplog):
    make_ana()
    with caplog.at_level("INFO"):
        sign_in(client, password="my-wrong-secret")
        sign_in(client)
    assert "signin.signed_in" in caplog.text
    for secret in ("my-wrong-secret", "127.0.0.1", "ana"):
        assert secret not in caplog.text


def test_the_report_filters_and_exports(client, admin_client):
    make_ana()
    make_ben()
    sign_in(client, password="wrong")
    sign_in(client, "ben")
    text = admin_client.get(reverse(REPORT), {"outcome": SignInOutcome.WRONG_PASSWORD}).content.decode()
    assert "wrong name or password" in text
    export = admin_client.get(reverse(REPORT), {"outcome": SignInOutcome.WRONG_PASSWORD, "export": "csv"})
    lines = b"".join(export).decode().splitlines()
    assert len(lines) == 2
    assert ',"ana",' in lines[1]


@pytest.mark.parametrize("name", [REPORT, "sign_ins_report_results", "sign_in_people"])
def test_nobody_but_administrators_reads_it(client, name):
    client.force_login(make_ben())
    assert client.get(reverse(name)).status_code in (302, 403)


def test_the_people_page_asks_as_much_for_three_as_for_one(admin_client, django_assert_max_num_queries):
    counts = []
    for name in ("one", "two", "three"):
        make_ben(name)
        with django_assert_max_num_queries(60) as queries:
            admin_client.get(reverse("sign_in_people"))
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_an_administrator_at_a_new_address_is_told_of_once(client):
    make_ana()
    heard = []
    unusual.connect(lambda **said: heard.append(said), weak=False, dispatch_uid="test")
    sign_in(client)
    for address in ("127.0.0.1", "198.51.100.7", "198.51.100.7"):
        client.logout()
        sign_in(client, REMOTE_ADDR=address)
    unusual.disconnect(dispatch_uid="test")
    assert len(heard) == 1
    assert "198.51" not in str(heard)
    assert heard[0]["path"].startswith("/admin/sign-in/")


def test_rows_are_forgotten_after_half_a_year(client):
    make_ana()
    sign_in(client)
    with time_machine.travel(timezone.now() + audit.KEPT - timedelta(days=1)):
        assert audit.delete_old_sign_ins() == 0
    with time_machine.travel(timezone.now() + audit.KEPT + timedelta(days=1)):
        assert audit.delete_old_sign_ins() == 1
