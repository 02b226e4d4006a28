"""Payments health in the admin: what needs a person, for the person who may see it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payments.domain import states as payment_states
from payments.domain.monitoring import health
from payments.enums import CycleKind, DiscrepancyKind, MerchantStatus, PaymentState, Question, RefundState
from payments.models import Discrepancy, Observation, Payment, Refund
from tests import factories
from tests.payments.factories import change, make_payment
from tests.ticketing.admin.test_viewsets import make_organiser_of
from ticketing.enums import OrderState

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/payments-health/"


@pytest.fixture
def administrator(client):
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def organiser(client):
    """Bob may see the orders of his own page and the payments of his own merchant."""
    page = factories.make_event("Own")
    bob = make_organiser_of(page, "Bob")
    [group] = bob.groups.all()
    group.permissions.add(*Permission.objects.filter(codename__in=["view_payment", "view_discrepancy"]))
    factories.make_merchant("MOWN0001", "Own Ltd", group=group)
    client.force_login(bob)
    client.page = page
    return client


def order_in_review(page=None, *, merchant=None, paid="12.00"):
    """£24 were asked for; SumUp says `paid`."""
    kind = factories.make_type(factories.make_sale(page))
    merchant = merchant or factories.make_merchant()
    order = factories.make_order(
        kind, merchant=merchant, state=OrderState.REQUIRES_MANUAL_REVIEW, review_reason="The amount differs."
    )
    payment = make_payment(order.reference, amount="24.00", merchant=merchant, checkout_id=f"c-{order.pk}")
    payment_states.advance(payment, PaymentState.PAID, paid_at=timezone.now(), problem="The amount differs.")
    answer = {"status": "PAID", "amount": paid, "currency": "GBP", "checkout_reference": payment.reference}
    Observation.objects.create(payment=payment, question=Question.GET, answer=answer)
    return order


def trouble(merchant, number):
    """One of each that is no order."""
    change(make_payment(f"JE-OPEN{number:04}", merchant=merchant), created_at=timezone.now() - timedelta(hours=3))
    Refund.objects.create(
        merchant=merchant,
        subject=f"JE-BACK{number:04}",
        transaction_id=f"t-{number}",
        amount="7.50",
        currency="GBP",
        state=RefundState.WAITING,
    )
    Discrepancy.objects.create(
        merchant=merchant,
        kind=DiscrepancyKind.UNMATCHED,
        key=f"t-{number}",
        day=timezone.localdate(),
        sentence=f"Transaction TCODE{number} of £9.00 belongs to no order.",
        amount="9.00",
    )


def page_of(client):
    return client.get(ADDRESS).content.decode()


def test_nothing_needs_you(administrator):
    health.record_cycle(CycleKind.POLL, started_at=timezone.now())
    page = page_of(administrator)
    assert "Nothing needs you." in page
    assert "the worker" not in page


def test_what_differs_stands_side_by_side(administrator):
    order = order_in_review()
    page = page_of(administrator)
    assert f"{order.reference}, £24.00" in page
    assert "<td>£24.00</td><td><strong>£12.00</strong> ≠</td>" in "".join(line.strip() for line in page.splitlines())
    assert f'href="/admin/orders/inspect/{order.pk}/"' in page
    assert f'action="/admin/payments/look/{Payment.objects.get().pk}/"' in page


def test_a_dead_worker_is_visible(administrator):
    assert "the worker was never running" in page_of(administrator)
    row = health.record_cycle(CycleKind.POLL, started_at=timezone.now())
    type(row).objects.update(finished_at=timezone.now() - timedelta(minutes=12, seconds=5))
    assert "No cycle for 12 minutes: the worker is not running." in page_of(administrator)


def test_everything_that_waits_is_there_and_counted(administrator):
    merchant = factories.make_merchant("MBROKEN1", "Broken Ltd", status=MerchantStatus.BROKEN)
    trouble(merchant, 1)
    order_in_review()
    page = page_of(administrator)
    for words in ("Broken Ltd", "£7.50", "waiting for balance", "Transaction TCODE1", "oldest: 3"):
        assert words in page
    assert "Payments health (4)" in page


def test_an_organiser_sees_only_what_is_their_own(organiser):
    own, other = factories.make_merchant("MOWN0001"), factories.make_merchant("MOTHER01", "Other Ltd")
    mine, foreign = order_in_review(organiser.page, merchant=own), order_in_review(merchant=other)
    trouble(own, 1)
    trouble(other, 2)
    page = page_of(organiser)
    assert mine.reference in page
    assert "TCODE1" in page
    for hidden in (foreign.reference, "TCODE2", "JE-BACK0002", "Other Ltd", "Questions to SumUp", "Alerts not mailed"):
        assert hidden not in page


def test_discrepancies_have_a_permission_of_their_own(organiser):
    trouble(factories.make_merchant("MOWN0001"), 1)
    User.objects.get(username="Bob").groups.get().permissions.remove(
        Permission.objects.get(codename="view_discrepancy")
    )
    page = page_of(organiser)
    assert "TCODE1" not in page
    assert "JE-BACK0001" in page


def test_whoever_sees_neither_orders_nor_payments_sees_nothing(organiser):
    User.objects.get(username="Bob").groups.get().permissions.set(Permission.objects.filter(codename="access_admin"))
    assert organiser.get(ADDRESS).status_code == 302
    assert "Payments health" not in organiser.get("/admin/").content.decode()


def test_a_visitor_has_to_sign_in(client):
    assert client.get(ADDRESS).url.startswith("/admin/login/")


def test_any_number_of_rows_asks_the_same(administrator):
    asked = []
    for number in range(3):
        order_in_review()
        trouble(factories.make_merchant(), number)
        with CaptureQueriesContext(connection) as queries:
            page_of(administrator)
        asked.append(len(queries))
    assert asked[1] == asked[2] <= 26


def test_the_plot_has_a_bar_for_a_day_with_payments(administrator):
    assert "Nothing was paid in the last 14 days." in page_of(administrator)
    now = timezone.now()
    change(make_payment(), state=PaymentState.PAID, paid_at=now, transacted_at=now - timedelta(seconds=4))
    page = page_of(administrator)
    assert page.count('class="median"') == 1
    assert 'viewBox="0 0 720 220"' in page
    assert '<td class="number">4 s</td>' in page
