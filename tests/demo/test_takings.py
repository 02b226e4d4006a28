"""The demo's paid orders: every story ends where its screen needs it."""

import pytest

from demo import takings
from events_pages.enums import LegalKind
from payments.enums import RefundState
from payments.models import Refund
from tests.factories import make_event, make_legal_page, make_sale, make_type
from ticketing.domain.stock import allocation
from ticketing.enums import OrderState, TicketState
from ticketing.models import Order, Ticket


@pytest.mark.django_db
def test_takings_end_in_every_state_once_and_a_second_run_changes_nothing(simulator):
    page = make_event("Sea Shanties at the Slip")
    type(page).objects.filter(pk=page.pk).update(slug=takings.SHANTIES)
    make_type(make_sale(page), name="Adult", price="12.00")
    make_legal_page(LegalKind.TERMS)
    assert takings.make_takings() == 6
    states = list(Order.objects.order_by("pk").values_list("state", flat=True))
    done, review = OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW
    assert states == [done, done, done, OrderState.REFUNDED, review, done]
    assert set(Refund.objects.values_list("state", flat=True)) == {RefundState.PROVED, RefundState.WAITING}
    assert Ticket.objects.filter(state=TicketState.VOID).exists()
    assert not allocation.audit_counters()
    assert takings.make_takings() == 0
