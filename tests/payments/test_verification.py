from payments.domain import verification
from payments.enums import PaymentState
from tests.payments.factories import make_open_payment


def test_it_works(db, simulator):
    payment = make_open_payment()
    assert payment.state == PaymentState.OPEN
    simulator.pay(payment.reference)

    payment = verification.verify(payment.pk, min_gap=verification.MIN_GAP * 0)

    assert (payment.state, payment.problem) == (PaymentState.PAID, "")
    assert payment.transaction_id
    assert payment.next_check_at is None
