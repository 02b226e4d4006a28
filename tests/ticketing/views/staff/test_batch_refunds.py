"""The pages from which a whole sale is refunded, and who may open them."""

from decimal import Decimal

import pytest
from django.urls import reverse

from events_pages.enums import PerformanceStatus
from events_pages.models import Performance
from payments.enums import RefundState
from payments.models import Refund
from tests.factories import make_event, make_sale, make_type
from tests.stories import make_paid_order, make_staff
from tests.ticketing.views.staff.test_order_actions import refused
from ticketing.domain.orders import batch_refunds
from ticketing.enums import BatchState
from ticketing.models import RefundBatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    """A type of a cancelled event that three people have bought two of."""
    kind = make_type(make_sale(make_event(status=PerformanceStatus.CANCELLED)), price="12.00")
    for _ in range(3):
        make_paid_order(kind)
    return kind


@pytest.fixture
def ana(client, kind):
    user = make_staff("ana", kind.sale.page, "refund_order")
    client.force_login(user)
    return user


def start_url(sale):
    return reverse("order_desk:refund-sale", args=[sale.pk])


def batch_url(batch, name="batch"):
    return reverse(f"order_desk:{name}", args=[batch.pk])


def test_it_works(client, ana, kind):
    page = client.get(start_url(kind.sale)).text
    assert "£72.00 to refund" in page
    assert "Refund 3 orders, £72.00" in page
    response = client.post(start_url(kind.sale), {"reason": "Storm.", "tell_buyer": "on"})
    batch = RefundBatch.objects.get()
    assert (response.url, batch.by, batch.reason) == (batch_url(batch), ana, "Storm.")
    batch_refunds.request_next_refunds(batch.pk)
    assert Refund.objects.count() == 3
    page = client.get(batch_url(batch)).text
    assert "0 of 3 orders are refunded" in page
    assert "http-equiv" in page
    Refund.objects.update(state=RefundState.PROVED)
    page = client.get(batch_url(batch)).text
    assert "3 of 3 orders are refunded" in page
    assert "£72.00 is proved to be back." in page
    assert "http-equiv" not in page


def test_what_is_missing_at_sumup_is_said_before(client, ana, kind, monkeypatch):
    missing = batch_refunds.BatchPlan(3, 6, Decimal("72.00"), Decimal("20.00"), 1, 2)
    monkeypatch.setattr(batch_refunds, "plan_batch", lambda sale: missing)
    page = client.get(start_url(kind.sale)).text
    assert "£72.00 to refund, about £20.00 is missing in SumUp’s balance: 1 refund will wait" in page
    assert "2 orders of this sale need a person" in page


def test_while_tickets_are_on_sale_nobody_is_refunded_and_the_text_stays(client, ana, kind):
    Performance.objects.update(status=PerformanceStatus.SCHEDULED)
    response = client.post(start_url(kind.sale), {"reason": "Typed in full."})
    assert response.status_code == 409
    assert "Tickets are still on sale." in response.text
    assert "Typed in full." in response.text


def test_a_reason_is_needed(client, ana, kind):
    response = client.post(start_url(kind.sale), {"reason": ""})
    assert response.status_code == 422
    assert "Please say why" in response.text
    assert not RefundBatch.objects.exists()


def test_two_presses_start_once(client, ana, kind):
    first, second = (client.post(start_url(kind.sale), {"reason": "Storm."}) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 409)
    assert RefundBatch.objects.count() == 1
    assert client.get(start_url(kind.sale)).url == batch_url(RefundBatch.objects.get())


def test_stop_and_go_on(client, ana, kind):
    batch = batch_refunds.start_batch(kind.sale, by=ana, reason="Storm.")
    client.post(batch_url(batch, "batch-stop"))
    batch.refresh_from_db()
    assert batch.state == BatchState.STOPPED
    batch_refunds.request_next_refunds(batch.pk)
    assert not Refund.objects.exists()
    assert "Go on" in client.get(batch_url(batch)).text
    client.post(batch_url(batch, "batch-resume"))
    batch_refunds.request_next_refunds(batch.pk)
    assert Refund.objects.count() == 3


@pytest.mark.parametrize("who", ["ben", "door"])
def test_only_who_may_refund_on_the_page_gets_there(client, kind, who):
    page = kind.sale.page if who == "door" else make_event("Bens Night")
    batch = batch_refunds.start_batch(kind.sale, by=None, reason="Storm.")
    client.force_login(make_staff(who, page, *(["refund_order"] if who == "ben" else [])))
    for address in (
        start_url(kind.sale),
        batch_url(batch),
        batch_url(batch, "batch-stop"),
        batch_url(batch, "batch-resume"),
    ):
        for method in (client.get, client.post):
            assert refused(client, method(address, {"reason": "Storm."}))
    batch.refresh_from_db()
    assert batch.state == BatchState.RUNNING


@pytest.mark.parametrize("name", ["batch-stop", "batch-resume"])
def test_a_link_changes_nothing(client, ana, kind, name):
    batch = batch_refunds.start_batch(kind.sale, by=ana, reason="Storm.")
    assert client.get(batch_url(batch, name)).status_code == 405


def test_the_sale_leads_there(client, ana, kind):
    page = client.get(reverse("wagtailsnippets_ticketing_eventsale:edit", args=[kind.sale.pk])).text
    assert start_url(kind.sale) in page
