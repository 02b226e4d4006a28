from itertools import product

import pytest
from wagtail.models import ModelLogEntry

from payments.domain.states import ALLOWED, LOG_ACTION, advance
from payments.enums import PaymentState
from payments.models import Payment
from payments.signals import payment_changed
from tests.payments.factories import change, fresh, make_payment

EVERY_MOVE = list(product(PaymentState, PaymentState))


@pytest.mark.parametrize(("before", "after"), EVERY_MOVE, ids=[f"{a}-{b}" for a, b in EVERY_MOVE])
def test_advance_allows_only_what_the_table_says(db, before, after):
    payment = change(make_payment(), state=before)

    moved = advance(payment, after)

    assert moved == (after in ALLOWED[Payment][before])
    assert fresh(payment).state == (after if moved else before)


def test_failed_and_expired_may_still_turn_paid():
    allowed = ALLOWED[Payment]

    assert {state for state in PaymentState if PaymentState.PAID in allowed[state]} == set(PaymentState) - {"paid"}


def test_advance_says_who_moved_it(db):
    payment = make_payment()
    late = fresh(payment)

    assert advance(payment, PaymentState.OPEN, checkout_id="checkout-1")
    assert not advance(late, PaymentState.OPEN, checkout_id="checkout-2")
    assert fresh(payment).checkout_id == "checkout-1"


def test_advance_writes_one_audit_entry(db):
    payment = make_payment()

    advance(payment, PaymentState.OPEN)
    advance(payment, PaymentState.OPEN)

    entry = ModelLogEntry.objects.get(action=LOG_ACTION)
    assert entry.data == {"from": "created", "to": "open", "subject": payment.subject, "problem": ""}
    assert entry.message == "From created to open"


def test_advance_sends_the_signal_after_commit(db, django_capture_on_commit_callbacks):
    heard = []
    payment_changed.connect(lambda subject, **_: heard.append(subject), weak=False, dispatch_uid="test")
    payment = make_payment()

    with django_capture_on_commit_callbacks(execute=True):
        advance(payment, PaymentState.OPEN)
        assert heard == []

    assert payment_changed.disconnect(dispatch_uid="test")
    assert heard == [payment.subject]


def test_a_broken_receiver_stops_nothing(db, django_capture_on_commit_callbacks):
    def break_down(**_):
        raise RuntimeError("broken")

    payment_changed.connect(break_down, weak=False, dispatch_uid="test")
    payment = make_payment()

    with django_capture_on_commit_callbacks(execute=True):
        advance(payment, PaymentState.OPEN)

    payment_changed.disconnect(dispatch_uid="test")
    assert fresh(payment).state == PaymentState.OPEN


def test_each_change_is_one_log_line(db, caplog):
    payment = make_payment()

    advance(payment, PaymentState.OPEN)

    assert caplog.messages == [f"payment.state payment={payment.reference} from=created to=open"]
