"""The read-only list for administrators."""

from io import BytesIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from payments.admin.payment_viewset import describe_answer
from payments.domain.verification import payment_checks
from payments.models import MerchantAccount, Payment
from tests.payments.factories import change, make_open_payment, make_payment

LIST = "/admin/payments/"


@pytest.fixture
def administrator(client, db):
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def organiser(client, db):
    """May enter the admin, may not see payments."""
    user = User.objects.create_user("bob")
    group = Group.objects.create(name="Organisers")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    user.groups.add(group)
    client.force_login(user)
    return client


def listed(client, **query):
    return client.get(LIST, query).context["object_list"]


def test_list_shows_the_payment(administrator):
    payment = make_payment()

    page = administrator.get(LIST).content.decode()

    assert payment.reference in page
    assert "£24.50" in page


@pytest.mark.parametrize("field", ["subject", "reference", "checkout_id", "transaction_code"])
def test_search_finds_it_by(administrator, field):
    wanted = make_payment("JE-WANTED01", checkout_id="checkout-1", transaction_code="TCODE1")
    make_payment("JE-OTHER001", checkout_id="checkout-2", transaction_code="TCODE2")

    assert list(listed(administrator, q=getattr(wanted, field))) == [wanted]


def test_search_finds_what_was_read_aloud(administrator):
    wanted = make_payment("JE-7K2M9QXT", transaction_code="TAAA4XYZ9K")
    make_payment("JE-QTHER234", transaction_code="TBBB4XYZ9K")

    for typed in ("Ref: je 7k2m 9qxt.", "JE–7K2M9QXT", "7k2m-9qxt", "taaa 4xyz-9k", "\ufeffTAAA4XYZ9K\n"):
        assert list(listed(administrator, q=typed)) == [wanted], typed


def test_filters_narrow_by_state_and_date(administrator):
    wanted = change(make_payment("JE-WANTED01"), state="paid", created_at="2026-03-14T12:00:00Z")
    make_payment("JE-OTHER001")

    assert list(listed(administrator, state="paid")) == [wanted]
    found = listed(administrator, created_at_from="2026-03-14", created_at_to="2026-03-14")
    assert list(found) == [wanted]


def test_inspect_shows_what_sumup_said(administrator, simulator):
    payment = make_open_payment()
    simulator.pay(payment.reference)
    payment_checks.verify_payment(payment.pk, min_gap=payment_checks.MIN_GAP * 0)

    page = administrator.get(f"{LIST}inspect/{payment.pk}/").content.decode()

    assert "read the checkout" in page
    assert "status PAID" in page


@pytest.mark.parametrize("action", ["new/", "edit/{}/", "delete/{}/"])
def test_nobody_adds_changes_or_deletes(administrator, action):
    payment = make_payment()

    response = administrator.post(LIST + action.format(payment.pk), {"description": "mine"})

    assert response.status_code == 302
    assert response.url == reverse("wagtailadmin_home")
    assert Payment.objects.get().description == payment.description


@pytest.mark.parametrize("path", ["", "results/", "inspect/{}/", "history/{}/", "usage/{}/", "?export=csv"])
def test_it_is_hidden_without_the_view_permission(organiser, path):
    payment = make_payment()

    response = organiser.get(LIST + path.format(payment.pk))

    assert response.status_code == 302
    assert response.url == reverse("wagtailadmin_home")
    assert "Payments" not in organiser.get(reverse("wagtailadmin_home")).content.decode()


def test_view_permission_shows_the_payments_of_the_groups_own_merchant(organiser):
    payment = make_payment()
    group = Group.objects.get(name="Organisers")
    group.permissions.add(Permission.objects.get(codename="view_payment"))
    assert list(listed(organiser)) == []
    MerchantAccount.objects.filter(pk=payment.merchant_id).update(group=group)

    assert list(listed(organiser)) == [payment]
    assert organiser.get(f"{LIST}inspect/{payment.pk}/").status_code == 200


def test_history_tells_every_change_of_state(administrator, simulator):
    payment = make_open_payment()

    page = administrator.get(f"{LIST}history/{payment.pk}/").content.decode()

    assert "From created to open" in page
    assert "/edit/" not in page


def test_export_as_csv(administrator):
    payment = make_payment()

    body = b"".join(administrator.get(LIST, {"export": "csv"}).streaming_content).decode()

    assert payment.reference in body
    assert "24.50" in body


def test_export_as_xlsx(administrator):
    payment = make_payment()

    body = b"".join(administrator.get(LIST, {"export": "xlsx"}).streaming_content)

    rows = list(load_workbook(BytesIO(body)).active.values)
    assert rows[1][0] == payment.reference


@pytest.mark.parametrize("action", ["", "?export=csv"])
def test_query_count_does_not_grow(administrator, action):
    counts = []
    for wanted in (1, 3, 300):
        for number in range(Payment.objects.count(), wanted):
            make_payment(f"JE-{number:08}")
        administrator.get(LIST + action)
        counts.append(_queries(administrator, LIST + action))
    assert len(set(counts)) == 1, counts


def _queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
        b"".join(response)
    return len(captured)


def test_evidence_in_words():
    answer = {"id": "c", "amount": "24.5", "status": "PAID", "transactions": [{"id": "t", "status": "FAILED"}]}
    assert describe_answer(answer) == "status PAID, amount 24.5, id c, [status FAILED, id t]"
    assert describe_answer({"error": "503 unavailable"}) == "error 503 unavailable"
    assert describe_answer({}) == "–"


def test_staff_may_ask_sumup_now(administrator, simulator):
    payment = change(make_open_payment(), checked_at=None)
    simulator.pay(payment.reference)

    page = administrator.post(f"{LIST}look/{payment.pk}/", follow=True).content.decode()

    assert "SumUp was asked. The payment is paid." in page
    assert Payment.objects.get().state == "paid"


def test_staff_asking_twice_is_told_so(administrator, simulator):
    payment = make_open_payment()
    page = administrator.post(f"{LIST}look/{payment.pk}/", follow=True).content.decode()
    assert "looked at a moment ago" in page


def test_asking_sumup_needs_the_view_permission_and_a_post(organiser, simulator):
    payment = change(make_open_payment(), checked_at=None)
    simulator.pay(payment.reference)
    assert organiser.get(f"{LIST}look/{payment.pk}/").status_code == 405
    assert organiser.post(f"{LIST}look/{payment.pk}/").status_code == 302
    assert Payment.objects.get().state == "open"


def test_who_asked_sumup_is_in_the_audit_trail(administrator, simulator):
    payment = change(make_open_payment(), checked_at=None)
    administrator.post(f"{LIST}look/{payment.pk}/")
    page = administrator.get(f"{LIST}history/{payment.pk}/").content.decode()
    assert "Asked SumUp what became of it" in page
    assert "alice" in page
