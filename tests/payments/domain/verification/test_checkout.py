"""Asking for money, and every point at which the process may die between our row and SumUp's answer."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from payments import tasks, time_limits
from payments.domain.merchants import credentials
from payments.domain.verification import checkout, payment_checks, provider_lookup, references
from payments.domain.verification.checkout import NotStarted
from payments.enums import PaymentState, Question
from payments.models import Observation, Payment
from payments.provider import Unauthorised
from tests.factories import make_merchant
from tests.payments.factories import change, fresh, make_open_payment, make_payment, over

pytestmark = pytest.mark.django_db


def questions(payment):
    return list(Observation.objects.filter(payment=payment).order_by("id").values_list("question", flat=True))


def checkouts(simulator):
    return simulator.state()["checkouts"]


# prepare


def test_prepare_makes_a_row_that_the_sweep_will_find():
    payment = make_payment("JE-TEST0001", amount="24.5")

    assert payment.state == PaymentState.CREATED
    assert payment.amount == Decimal("24.50")
    assert payment.reference.startswith("JE-TEST0001-")
    assert timedelta(seconds=15) < payment.next_check_at - timezone.now() <= timedelta(seconds=20)


def test_every_attempt_has_its_own_reference():
    references = {make_payment("JE-TEST0001").reference for _ in range(50)}
    assert len(references) == 50
    assert max(map(len, references)) <= 64


def test_prepare_refuses_binary_fractions():
    with pytest.raises(TypeError):
        checkout.prepare_payment(
            subject="JE-1",
            amount=24.5,
            merchant=make_merchant(),
            description="",
            redirect_url="",
            deadline=timezone.now(),
        )


# start


def test_it_works(simulator):
    payment = checkout.start_payment(make_payment())

    known = simulator.checkout(payment.reference)
    assert payment.state == PaymentState.OPEN
    assert payment.checkout_id == known["id"]
    assert payment.hosted_url == known["hosted_checkout_url"]
    assert (known["amount"], known["currency"], known["merchant_code"]) == (24.5, "GBP", "MDEMO001")
    assert known["return_url"] == references.build_callback_url(payment)
    assert known["redirect_url"] == payment.redirect_url
    assert payment.next_check_at > timezone.now()
    assert questions(payment) == [Question.CREATE]


def test_start_plans_looks_at_10_and_30_seconds(simulator):
    tasks.verify_payment.huey.flush()

    payment = checkout.start_payment(make_payment())

    planned = [task for task in tasks.verify_payment.huey.pending() if task.name == "verify_payment"]
    assert {task.args for task in planned} == {(payment.pk,)}
    moments = sorted(task.eta for task in planned)
    assert [round((moment - moments[0]).total_seconds()) for moment in moments] == [0, 20]


def test_start_in_a_request_takes_eight_statements(simulator, django_assert_num_queries):
    """The places and rests of merchants are no rows: four are the payment's own, four are the bounds of two blocks."""
    checkout.start_payment(make_payment())
    payment = make_payment("JE-TEST0002")
    with time_limits.request_limit(), django_assert_num_queries(8):
        checkout.start_payment(payment)


def test_start_twice_asks_once(simulator):
    payment = make_payment()

    assert checkout.start_payment(payment).checkout_id == checkout.start_payment(payment).checkout_id
    assert len(checkouts(simulator)) == 1
    assert questions(payment) == [Question.CREATE]


def test_two_starts_at_once_share_one_checkout(simulator):
    """Both saw a row without a checkout; SumUp takes the reference once, the other adopts."""
    payment = make_payment()
    first, second = provider_lookup.create_checkout(payment), provider_lookup.create_checkout(payment)

    payment_checks.record_answer(payment, first)
    payment = payment_checks.record_answer(payment, second)

    assert first.checkout.id == second.checkout.id == payment.checkout_id
    assert len(checkouts(simulator)) == 1


def test_start_refuses_inside_a_transaction(simulator, transactional_db):
    payment = make_payment()
    with pytest.raises(RuntimeError), transaction.atomic():
        checkout.start_payment(payment)
    assert checkouts(simulator) == []


@pytest.mark.parametrize("fault", ["lost_answer", "bad_json", "empty_body"])
def test_answer_lost_after_the_checkout_was_made_is_found_again(simulator, fault):
    simulator.fault(fault, operation="create")

    payment = checkout.start_payment(make_payment())

    assert payment.state == PaymentState.OPEN
    assert payment.hosted_url
    assert len(checkouts(simulator)) == 1
    assert questions(payment) == [Question.CREATE, Question.LIST]


@pytest.mark.parametrize("fault", ["429", "500", "503", "drop"])
def test_start_tries_twice(simulator, fault):
    simulator.fault(fault, operation="create")
    assert checkout.start_payment(make_payment()).state == PaymentState.OPEN


@pytest.mark.parametrize("fault", ["429", "503", "drop"])
def test_unreachable_sumup_leaves_a_payment_that_the_sweep_opens(simulator, fault):
    payment = make_payment()
    simulator.fault(fault, operation="create", times=2)

    with pytest.raises(NotStarted) as caught:
        checkout.start_payment(payment)
    assert caught.value.permanent is False
    assert "try again" in str(caught.value)
    assert fresh(payment).state == PaymentState.CREATED
    assert fresh(payment).next_check_at <= timezone.now() + timedelta(seconds=20)

    assert payment_checks.verify_payment(payment.pk, min_gap=timedelta(0)).state == PaymentState.OPEN


def test_nothing_listens(settings):
    settings.SUMUP_API_URL = "http://127.0.0.1:1"
    with pytest.raises(NotStarted) as caught:
        checkout.start_payment(make_payment())
    assert caught.value.permanent is False


@pytest.mark.parametrize("fault", ["token_revoked", "forbidden", "html_error"])
def test_refused_account_cannot_be_paid(simulator, fault, caplog):
    payment = make_payment()
    simulator.fault(fault, operation="create")

    with pytest.raises(NotStarted) as caught:
        checkout.start_payment(payment)

    assert caught.value.permanent is True
    assert f"payment.refused payment={payment.reference}" in caplog.text
    assert fresh(payment).next_check_at > timezone.now() + timedelta(minutes=4)


def test_invalid_request_is_permanent(simulator):
    with pytest.raises(NotStarted) as caught:
        checkout.start_payment(make_payment(redirect_url="nonsense"))
    assert caught.value.permanent is True


def test_foreign_duplicate_gets_a_new_reference(simulator):
    """409 although nothing of ours is stored there: that reference is lost for ever."""
    payment = make_payment()
    simulator.fault("duplicate_reference")

    started = checkout.start_payment(payment)

    assert started.state == PaymentState.OPEN
    assert started.reference != payment.reference
    assert started.reference.startswith("JE-TEST0001-")


def test_two_workers_that_meet_a_foreign_duplicate_agree_on_one_reference(simulator):
    payment = make_payment()
    simulator.fault("duplicate_reference", times=2)
    first, second = provider_lookup.create_checkout(payment), provider_lookup.create_checkout(payment)

    renamed = payment_checks.record_answer(payment, first)

    assert renamed.reference != payment.reference
    assert payment_checks.record_answer(payment, second).reference == renamed.reference


def test_duplicate_with_another_amount_is_not_ours(simulator):
    theirs = make_open_payment()
    payment = make_payment(amount="99.00")
    change(theirs, reference="gone")
    payment = change(payment, reference=theirs.reference)

    started = checkout.start_payment(payment)

    assert started.reference != theirs.reference
    assert started.checkout_id != theirs.checkout_id


def test_start_after_the_deadline_finds_nothing_and_closes(simulator):
    payment = over(make_payment())

    with pytest.raises(NotStarted) as caught:
        checkout.start_payment(payment)

    assert caught.value.permanent is True
    assert (fresh(payment).state, bool(fresh(payment).closed_at)) == (PaymentState.EXPIRED, True)
    assert checkouts(simulator) == []


def test_start_of_a_paid_payment_is_refused(simulator):
    payment = make_open_payment()
    simulator.pay(payment.reference)
    payment_checks.verify_payment(payment.pk, min_gap=timedelta(0))
    with pytest.raises(NotStarted):
        checkout.start_payment(payment)


def test_declined_payment_may_be_tried_again_on_the_same_page(simulator):
    payment = make_open_payment()
    simulator.decline(payment.reference)
    payment_checks.verify_payment(payment.pk, min_gap=timedelta(0))

    assert checkout.start_payment(payment).hosted_url == payment.hosted_url


def test_merchant_without_a_credential(simulator):
    payment = make_payment(merchant=make_merchant("MDEMO002"))
    with pytest.raises(NotStarted) as caught:
        checkout.start_payment(payment)
    assert caught.value.permanent is True
    assert simulator.requests() == {}


# The process died


def test_died_before_the_checkout_was_made(simulator):
    payment = make_payment()

    payment = payment_checks.verify_payment(payment.pk)

    assert payment.state == PaymentState.OPEN
    assert questions(payment) == [Question.LIST, Question.CREATE]


def test_died_after_the_checkout_was_made(simulator):
    payment = make_payment()
    provider_lookup.create_checkout(payment)

    payment = payment_checks.verify_payment(payment.pk)

    assert payment.state == PaymentState.OPEN
    assert payment.hosted_url
    assert len(checkouts(simulator)) == 1


def test_died_and_the_buyer_paid_nevertheless(simulator):
    payment = make_payment()
    provider_lookup.create_checkout(payment)
    simulator.pay(payment.reference)

    payment = payment_checks.verify_payment(payment.pk)

    assert (payment.state, payment.problem) == (PaymentState.PAID, "")
    assert payment.checkout_id


def test_died_and_the_deadline_passed(simulator):
    payment = make_payment()
    provider_lookup.create_checkout(payment)

    payment = payment_checks.verify_payment(over(payment).pk)

    assert payment.state == PaymentState.EXPIRED
    assert payment.closed_at
    assert simulator.checkout(payment.reference)["status"] == "EXPIRED"


def test_died_before_anything_and_the_deadline_passed(simulator):
    payment = payment_checks.verify_payment(over(make_payment()).pk)

    assert payment.state == PaymentState.EXPIRED
    assert payment.closed_at
    assert questions(payment) == [Question.LIST]


# close


def test_close_deactivates(simulator):
    payment = make_open_payment()

    assert checkout.close_payment(payment) is True

    assert simulator.checkout(payment.reference)["status"] == "EXPIRED"
    assert (fresh(payment).state, bool(fresh(payment).closed_at)) == (PaymentState.EXPIRED, True)
    assert questions(payment) == [Question.CREATE, Question.GET, Question.DEACTIVATE]


def test_close_twice_asks_once(simulator):
    payment = make_open_payment()
    assert checkout.close_payment(payment)
    asked = questions(payment)
    assert checkout.close_payment(payment)
    assert questions(payment) == asked


def test_close_what_sumup_never_knew(simulator):
    payment = make_payment()
    assert checkout.close_payment(payment) is True
    assert fresh(payment).state == PaymentState.EXPIRED


def test_close_of_a_paid_payment_is_false_and_records_the_money(simulator):
    payment = make_open_payment()
    simulator.pay(payment.reference)

    assert checkout.close_payment(payment) is False
    assert fresh(payment).state == PaymentState.PAID


def test_paid_between_reading_and_deactivating(simulator):
    """SumUp shows the old status once more, then refuses to deactivate: only reading again tells."""
    payment = make_open_payment()
    simulator.fault("paid_after_looks", looks=1)
    simulator.pay(payment.reference)

    assert checkout.close_payment(payment) is False
    assert fresh(payment).state == PaymentState.PAID


@pytest.mark.parametrize("operation", ["get", "delete"])
@pytest.mark.parametrize("fault", ["503", "drop"])
def test_close_without_an_answer_is_false(simulator, operation, fault):
    payment = make_open_payment()
    simulator.fault(fault, operation=operation, times=3)

    assert checkout.close_payment(payment) is False
    assert fresh(payment).closed_at is None


def test_close_with_a_lost_answer_is_true_the_second_time(simulator):
    payment = make_open_payment()
    simulator.fault("lost_answer", operation="delete")

    assert checkout.close_payment(payment) is False
    assert checkout.close_payment(payment) is True


def test_declined_payment_stays_failed_when_closed(simulator):
    payment = make_open_payment()
    simulator.decline(payment.reference)

    assert checkout.close_payment(payment) is True
    assert (fresh(payment).state, bool(fresh(payment).closed_at)) == (PaymentState.FAILED, True)


def test_checkout_made_after_the_payment_was_closed_is_deactivated(simulator):
    """start() was still waiting for SumUp when somebody cancelled."""
    payment = make_payment()
    answer = provider_lookup.create_checkout(payment)
    change(payment, state=PaymentState.EXPIRED, closed_at=timezone.now())

    payment = payment_checks.record_answer(payment, answer)
    assert payment.closed_at is None
    assert payment.next_check_at <= timezone.now()

    payment = payment_checks.verify_payment(payment.pk, min_gap=timedelta(0))
    assert payment.closed_at
    assert simulator.checkout(payment.reference)["status"] == "EXPIRED"


# accounts


def test_default_merchant_comes_from_the_environment():
    assert credentials.get_default_merchant().merchant_code == "MDEMO001"
    assert credentials.get_default_merchant() == credentials.get_default_merchant()


@pytest.mark.parametrize("missing", ["SUMUP_MERCHANT_CODE", "SUMUP_API_KEY"])
def test_no_default_merchant_when_payments_are_not_set_up(settings, missing):
    setattr(settings, missing, "")
    assert credentials.get_default_merchant() is None


def test_a_live_key_never_leaves_for_a_stranger(settings, simulator):
    settings.SUMUP_API_KEY = "sup_sk_live_real"
    with pytest.raises(Unauthorised):
        credentials.get_client(make_merchant())
    with pytest.raises(NotStarted):
        checkout.start_payment(make_payment())
    assert simulator.requests() == {}
    assert Payment.objects.get().state == PaymentState.CREATED
