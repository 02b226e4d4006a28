"""What staff do with an order: refund, accept, verify, resend. Two organisers, Ana and Ben, and a door keeper."""

import time
from decimal import Decimal

import pytest
from django.urls import reverse

from events_pages.enums import LegalKind
from payments import time_limits
from payments.enums import PaymentState, RefundState
from payments.models import Payment, Refund
from tests.factories import make_event, make_legal_page, make_order_line, make_sale, make_type
from tests.payments.factories import make_payment, make_refund
from tests.stories import make_paid_order, make_staff
from ticketing.enums import DeliveryKind, OrderState, TicketState
from ticketing.models import Delivery, Order, OrderLine, OrderRefund, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return make_paid_order()


@pytest.fixture
def ana(client, order):
    """The organiser of the order's event, signed in."""
    user = make_staff("ana", order.lines.get().sale.page, "refund_order")
    client.force_login(user)
    return user


def url(name, order, **more):
    return reverse(f"order_desk:{name}", kwargs={"order_id": order.pk} | more)


def inspect(client, order):
    return client.get(reverse("orders:inspect", args=[order.pk])).text


WHOLE = {"extent": "whole", "money_back": "on", "tell_buyer": "on", "reason": "Ill."}


def confirmed(shown, **changes):
    return WHOLE | {"confirm": "1", "expected": shown} | changes


def test_it_works(client, ana, order):
    shown = client.post(url("refund", order), WHOLE).text
    assert "£24.00 goes back to Ana Le Brocq" in shown
    assert not Refund.objects.exists()
    client.post(url("refund", order), confirmed("24.00"))
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.requested_by) == (Decimal("24.00"), "Ill.", ana)
    page = " ".join(inspect(client, order).split())
    assert "asked for, not sent yet" in page
    assert "refund of £24.00: Requested (ana)<br><small>Ill.</small>" in page


def test_looking_at_the_form_changes_nothing(client, ana, order):
    page = client.get(url("refund", order)).text
    for words in ("Money back?", "Seats back on sale?", "Tell the buyer?", "Reason"):
        assert words in page
    assert not OrderRefund.objects.exists()


def test_a_ticket_goes_back_for_its_price(client, ana, order):
    ticket = Ticket.objects.filter(line__order=order).first()
    data = {"extent": "tickets", "tickets": [ticket.pk]}
    assert "£12.00 goes back" in client.post(url("refund", order), WHOLE | data).text
    client.post(url("refund", order), confirmed("12.00", **data))
    assert [each.pk for each in OrderRefund.objects.get().tickets.all()] == [ticket.pk]
    assert Refund.objects.get().amount == Decimal("12.00")


def test_an_amount_goes_back_and_all_tickets_stay(client, ana, order):
    client.post(url("refund", order), confirmed("5.50", extent="amount", amount="5.50"))
    assert Refund.objects.get().amount == Decimal("5.50")
    assert not OrderRefund.objects.get().tickets.exists()


def test_tickets_become_void_without_money(client, ana, order):
    client.post(url("refund", order), confirmed("0.00", money_back=""))
    assert not Refund.objects.exists()
    assert set(Ticket.objects.values_list("state", flat=True)) == {TicketState.VOID}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": " "}, "Please say why"),
        ({"extent": "tickets"}, "Tick at least one ticket."),
        ({"extent": "amount"}, "Say how many pounds go back."),
        ({"extent": "amount", "amount": "5", "money_back": ""}, "An amount is money"),
        ({"extent": "amount", "amount": "-5"}, "greater than or equal to 0"),
        ({"extent": "everything"}, "Select a valid choice"),
        ({"extent": "amount", "amount": "24.01"}, "£24.00"),
    ],
)
def test_nonsense_is_refused_beside_the_field_and_the_typed_text_stays(client, ana, order, changes, words):
    response = client.post(url("refund", order), WHOLE | {"reason": "Typed in full."} | changes)
    assert response.status_code in (409, 422)
    assert words in response.text
    if "reason" not in changes:
        assert "Typed in full." in response.text
    assert not OrderRefund.objects.exists()


def test_whoever_changes_their_mind_finds_what_they_typed(client, ana, order):
    page = client.post(url("refund", order), WHOLE | {"reason": "Typed in full.", "change": "1"})
    assert page.status_code == 200
    assert "Typed in full." in page.text
    assert "error-message" not in page.text


def test_an_amount_that_changed_meanwhile_is_shown_again(client, ana, order):
    response = client.post(url("refund", order), confirmed("18.00"))
    assert "£24.00 goes back" in response.text
    assert not Refund.objects.exists()


def test_two_presses_refund_once(client, ana, order):
    first, second = (client.post(url("refund", order), confirmed("24.00")) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 409)
    assert Refund.objects.count() == 1


@pytest.fixture
def shared(order):
    """An order with a ticket of Ana's event and one of Ben's."""
    kind = make_type(
        make_sale(make_event("Bens Night")),
        name="Balcony",
        price="10.00",
    )
    make_order_line(order, kind, quantity=1)
    Order.objects.filter(pk=order.pk).update(total=Decimal("34.00"))
    order.refresh_from_db()
    Payment.objects.update(amount=order.total)
    return order


def test_an_organiser_decides_about_their_own_tickets_only(client, ana, shared):
    page = client.get(url("refund", shared)).text
    assert "also has tickets of another organiser" in page
    assert "Balcony" not in page
    assert 'value="whole"' not in page
    foreign = Ticket.objects.get(line__type_name="Balcony")
    for data in (
        WHOLE,
        WHOLE | {"extent": "tickets", "tickets": [foreign.pk]},
        WHOLE | {"extent": "amount", "amount": "5"},
    ):
        assert client.post(url("refund", shared), data | {"confirm": "1", "expected": "5.00"}).status_code == 422
    assert not OrderRefund.objects.exists()
    mine = Ticket.objects.filter(line__order=shared).exclude(pk=foreign.pk).first()
    data = confirmed("12.00", extent="tickets", tickets=[mine.pk])
    assert client.post(url("refund", shared), data).status_code == 302
    assert Refund.objects.get().amount == Decimal("12.00")


ACTIONS = ["refund", "accept", "verify", "resend", "refund-payment", "refund-action"]


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_anothers_order_is_refused(client, ana, name, method):
    foreign = make_paid_order(make_type(make_sale(make_event("Bens Night"))), state=OrderState.REQUIRES_MANUAL_REVIEW)
    make_refund(foreign_payment := make_payment(foreign.reference), state=RefundState.FAILED)
    response = getattr(client, method)(address_of(name, foreign, foreign_payment), confirmed("24.00"))
    assert refused(client, response)
    assert not OrderRefund.objects.exists()
    assert Refund.objects.get().state == RefundState.FAILED
    assert not Delivery.objects.exists()


def address_of(name, order, payment):
    refund = payment.refunds.first()
    more = {
        "refund-payment": {"payment_id": payment.pk},
        "refund-action": {"refund_id": refund.pk if refund else 1, "action": "cancel"},
    }
    return url(name, order, **more.get(name, {}))


def refused(client, response):
    return response.status_code == 403 or (response.status_code == 302 and response.url == reverse("wagtailadmin_home"))


@pytest.mark.parametrize("name", ["refund", "accept", "refund-payment", "refund-action"])
def test_without_the_permission_nobody_moves_money(client, order, name):
    client.force_login(make_staff("door", order.lines.get().sale.page))
    payment = make_payment(order.reference)
    for method in (client.get, client.post):
        assert refused(client, method(address_of(name, order, payment), confirmed("24.00")))
    assert not Refund.objects.exists()
    page = inspect(client, order)
    assert "Refund…" not in page
    assert "Resend tickets" in page


def test_signed_out_nobody_gets_anywhere(client, order):
    assert "/admin/login/" in client.get(url("refund", order)).url
    assert "/admin/login/" in client.post(url("refund", order), confirmed("24.00")).url
    assert not Refund.objects.exists()


@pytest.mark.parametrize("name", ["verify", "resend", "refund-payment", "refund-action"])
def test_a_link_changes_nothing(client, ana, order, name):
    payment = make_payment(order.reference)
    assert client.get(address_of(name, order, payment)).status_code == 405


@pytest.fixture
def twice(client):
    """Paid with two cards; Ana is its organiser and signed in."""
    order = make_paid_order(state=OrderState.REQUIRES_MANUAL_REVIEW, review_reason="Paid more than once: A, B.")
    order.again = make_payment(
        order.reference, amount="24.00", state=PaymentState.PAID, transaction_id="tx-again", merchant=order.merchant
    )
    client.force_login(make_staff("ana", order.lines.get().sale.page, "refund_order"))
    return order


def test_a_review_shows_what_differs_and_one_press_refunds_a_payment(client, twice):
    page = inspect(client, twice)
    assert "This order needs a person" in page
    assert page.count("Refund this payment: £24.00") == 2
    where = url("refund-payment", twice, payment_id=twice.again.pk)
    for _ in range(2):
        client.post(where, {"expected": "24.00"})
    refund = Refund.objects.get()
    assert (refund.payment, refund.amount, refund.reason) == (twice.again, Decimal("24.00"), twice.review_reason)


def test_a_payment_of_another_order_is_not_refunded_here(client, twice):
    foreign = make_payment("JE-OTHER", amount="24.00", state=PaymentState.PAID, transaction_id="tx-other")
    where = url("refund-payment", twice, payment_id=foreign.pk)
    assert client.post(where, {"expected": "24.00"}).status_code == 404


def test_a_payment_with_another_amount_than_shown_is_not_refunded(client, twice):
    client.post(url("refund-payment", twice, payment_id=twice.again.pk), {"expected": "23.00"})
    assert not Refund.objects.exists()


def test_accepting_needs_a_reason_and_sends_the_tickets(client, ana):
    order = Order.objects.get()
    Ticket.objects.all().delete()
    Order.objects.update(state=OrderState.REQUIRES_MANUAL_REVIEW, review_reason="Came late.", completed_at=None)
    assert "Please say why" in client.post(url("accept", order), {"reason": ""}).text
    assert Order.objects.get().state == OrderState.REQUIRES_MANUAL_REVIEW
    client.post(url("accept", order), {"reason": "There is room."})
    assert Order.objects.get().state == OrderState.COMPLETED
    assert Ticket.objects.count() == 2
    assert Delivery.objects.filter(kind=DeliveryKind.TICKETS).exists()
    page = inspect(client, order)
    assert "There is room." in page
    assert "(ana)" in page


def test_an_order_that_is_right_cannot_be_accepted_again(client, ana, order):
    response = client.post(url("accept", order), {"reason": "Why not."})
    assert response.status_code == 409
    assert "Why not." in response.text


def test_resending_owes_the_tickets_again(client, ana, order):
    client.post(url("resend", order))
    assert Delivery.objects.filter(order=order, kind=DeliveryKind.TICKETS).exists()


def test_verifying_asks_sumup(client, ana, order, simulator):
    payment = make_payment(order.reference, checkout_id="gone")
    client.post(url("verify", order))
    payment.refresh_from_db()
    assert payment.checks == 1
    assert "Asked SumUp what became of it" in inspect(client, order)


def test_staff_wait_for_a_silent_sumup_no_longer_than_buyers(client, ana, order, simulator, monkeypatch):
    monkeypatch.setattr(time_limits, "REQUEST_SECONDS", 0.4)
    for number in range(3):
        make_payment(order.reference, checkout_id=f"gone{number}")
    simulator.fault("hang")
    began = time.monotonic()
    response = client.post(url("verify", order))
    assert time.monotonic() - began < 1.5
    assert response.status_code == 302
    simulator.clear_faults()


def test_a_refused_refund_is_tried_again_or_taken_back(client, ana, order):
    payment = make_payment(order.reference, amount="24.00", state=PaymentState.PAID, transaction_id="tx-2")
    refund = make_refund(payment, state=RefundState.FAILED, last_error="SumUp says no.")
    assert "SumUp says no." in inspect(client, order)
    client.post(url("refund-action", order, refund_id=refund.pk, action="retry"))
    refund.refresh_from_db()
    assert refund.state == RefundState.REQUESTED
    client.post(url("refund-action", order, refund_id=refund.pk, action="cancel"))
    refund.refresh_from_db()
    assert refund.state == RefundState.CANCELLED


def test_the_page_asks_the_database_the_same_for_one_and_many_refunds(
    client, ana, order, django_assert_max_num_queries
):
    payment = make_payment(order.reference, amount="24.00", state=PaymentState.PAID, transaction_id="tx-2")
    counts = []
    for more in (1, 3):
        for _ in range(more):
            refund = make_refund(payment, amount="1.00")
            asked = OrderRefund.objects.create(order=order, refund=refund, reason="Ill.", by=ana)
            asked.tickets.set(Ticket.objects.all())
        inspect(client, order)
        with django_assert_max_num_queries(200) as queries:
            inspect(client, order)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_was_agreed_is_on_the_order_and_its_text_one_click_away(client, ana, order):
    terms, privacy = make_legal_page(version="2026-01"), make_legal_page(LegalKind.PRIVACY, "2026-02")
    Order.objects.filter(pk=order.pk).update(accepted_from="192.0.2.7")
    OrderLine.objects.filter(order=order).update(gst_rate=5, gst_number="1234567")
    page = inspect(client, order)
    for link in (f'<a href="{terms.url}">version 2026-01</a>', f'<a href="{privacy.url}">version 2026-02</a>'):
        assert link in page
    for fact in ("from 192.0.2.7", "GST at 5 %, number 1234567", "£1.14"):
        assert fact in page


def test_an_accepted_text_stays_readable(admin_client, order):
    accepted, other = make_legal_page(version="2026-01"), make_legal_page(version="2025-01")
    for verb in ("delete", "unpublish"):
        for page, stays in ((accepted, True), (other, False)):
            answer = admin_client.post(reverse(f"wagtailadmin_pages:{verb}", args=[page.pk]), follow=True)
            assert ("Buyers have accepted this text" in answer.content.decode()) == stays
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    assert "Buyers have accepted" in admin_client.post(f"{bulk}?id={accepted.pk}", follow=True).content.decode()
    accepted.refresh_from_db()
    assert accepted.live
