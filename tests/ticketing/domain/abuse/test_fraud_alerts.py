"""Stolen cards and hoarded seats: staff hear of the pattern, never of the person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.domain.verification import payment_checks
from payments.enums import PaymentState, Question, Severity
from payments.models import Alert, Movement, Observation
from tests import factories
from tests.payments.factories import change, make_open_payment, make_payment
from ticketing.domain.abuse import fraud_alerts
from ticketing.enums import OrderState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ADDRESS = "203.0.113.7"


def orders(count, *, state=OrderState.FAILED, email="buyer{}@example.je", address=ADDRESS, price="12.00"):
    kind = factories.make_type(price=price)
    return [
        factories.make_order(kind, quantity=1, state=state, buyer_email=email.format(n), accepted_from=address)
        for n in range(count)
    ]


def declined(order, times=1):
    payment = change(make_payment(order.reference), state=PaymentState.FAILED)
    answer = {"status": "FAILED", "transactions": [{"status": "FAILED"}] * times}
    Observation.objects.create(payment=payment, question=Question.GET, answer=answer)


def patterns():
    return [(finding.pattern, finding.count) for finding in fraud_alerts.raise_fraud_alerts()]


def test_it_works():
    found = orders(4)
    for order in found:
        declined(order, times=2)
    assert patterns() == [("declines", 8)]
    told = Alert.objects.get()
    assert (told.severity, told.path) == (Severity.NOTICE, f"/admin/orders/inspect/{found[-1].pk}/")
    assert told.title == "8 declined payments from one address within an hour"
    assert all(order.reference in told.text for order in found)
    for text in (told.key, told.title, told.text):
        assert ADDRESS not in text
        assert "@" not in text


def test_it_is_told_once_an_hour(clock):
    for order in orders(8):
        declined(order)
    for _ in range(2):
        fraud_alerts.raise_fraud_alerts()
    clock.shift(timedelta(minutes=20))
    fraud_alerts.raise_fraud_alerts()
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(("count", "found"), [(5, []), (6, [("orders", 6)])])
def test_many_orders_of_one_email(count, found):
    orders(count, state=OrderState.COMPLETED, email="Ana@example.je", address=None)
    assert patterns() == found


@pytest.mark.parametrize(
    ("prices", "state", "found"),
    [
        (["1.00", "2.00", "3.00", "4.00"], OrderState.EXPIRED, [("probing", 4)]),
        (["1.00", "2.00", "3.00", "3.00"], OrderState.EXPIRED, []),
        (["1.00", "2.00", "3.00", "4.00"], OrderState.COMPLETED, []),
        (["21.00", "22.00", "23.00", "24.00"], OrderState.EXPIRED, []),
        (["0.00", "1.00", "2.00", "3.00"], OrderState.EXPIRED, []),
    ],
)
def test_amounts_are_probed(prices, state, found):
    for number, price in enumerate(prices):
        orders(1, state=state, price=price, email=f"{number}@example.je")
    assert patterns() == found


def of_merchant(merchant, count, *, declined_each=0, paid=False):
    kind = factories.make_type(price="40.00")
    for _ in range(count):
        number = next(factories.numbers)
        order = factories.make_order(
            kind,
            quantity=1,
            merchant=merchant,
            buyer_email=f"{number}@example.je",
            accepted_from=f"198.51.{number % 256}.7",
        )
        payment = change(
            make_payment(order.reference, merchant=merchant), state=PaymentState.PAID if paid else PaymentState.OPEN
        )
        Observation.objects.create(
            payment=payment, question=Question.GET, answer={"status": "PENDING", "declines": declined_each}
        )
        Observation.objects.create(payment=payment, question=Question.GET, answer={"error": "503"})


def listed(merchant, count, status):
    at = timezone.now() - timedelta(days=2)
    for number in range(count):
        Movement.objects.create(
            merchant=merchant,
            kind="PAYMENT",
            sumup_id=f"{status}-{number}",
            amount=1,
            currency="GBP",
            status=status,
            at=at,
        )


def test_cards_tried_from_everywhere_show_in_the_share_that_is_declined():
    merchant = factories.make_merchant()
    of_merchant(merchant, 20, paid=True)
    of_merchant(merchant, 3, declined_each=4)
    assert patterns() == [("share", 12)]
    assert Alert.objects.get().title.startswith("12 of 32 card payments at one merchant declined")


@pytest.mark.parametrize(("paid", "declined_before"), [(30, 0), (20, 2)])
def test_as_many_declines_as_usual_are_no_news(paid, declined_before):
    merchant = factories.make_merchant()
    listed(merchant, 6, "SUCCESSFUL")
    listed(merchant, declined_before, "FAILED")
    of_merchant(merchant, paid, paid=True)
    of_merchant(merchant, 3, declined_each=4)
    assert patterns() == []


def test_nine_cards_declined_on_one_payment_page(simulator):
    [order] = orders(1, state=OrderState.PENDING_VERIFICATION)
    payment = make_open_payment(order.reference)
    for _ in range(9):
        simulator.decline(payment.reference)
    payment_checks.verify_payment(payment.pk, min_gap=timedelta(0))
    assert patterns() == [("declines", 9)]


def test_an_ordinary_evening_is_not_suspicious(clock):
    orders(20, state=OrderState.COMPLETED)
    for order in orders(7, address="203.0.113.9"):
        declined(order)
    assert patterns() == []


def test_what_is_an_hour_old_is_forgotten(clock):
    for order in orders(8):
        declined(order)
    clock.shift(timedelta(hours=1))
    assert patterns() == []


@pytest.mark.parametrize("count", [1, 9])
def test_any_number_is_three_questions(count, django_assert_num_queries):
    for order in orders(count):
        declined(order)
    with django_assert_num_queries(3):
        fraud_alerts.find_suspicious_orders(timezone.now())
