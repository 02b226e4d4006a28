"""The figures of the health page."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from payments.domain.monitoring import health
from payments.enums import CycleKind, MerchantStatus, PaymentState, Question
from payments.models import MerchantAccount, Observation, Payment
from tests.factories import make_merchant
from tests.payments.factories import change, make_payment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2027-03-29T12:00:00Z", tick=False) as clock:  # summer time began the day before
        yield clock


def pay(seconds, *, ago=timedelta(), **fields):
    """A payment that we knew of `seconds` after the money had moved."""
    known = timezone.now() - ago
    moved = known - timedelta(seconds=seconds)
    return change(make_payment(**fields), state=PaymentState.PAID, paid_at=known, transacted_at=moved)


def today(**scope):
    return health.verification_days(timezone.now(), **scope)[-1]


def cycle(kind=CycleKind.POLL, *, ago=timedelta(), **figures):
    started = timezone.now() - ago
    row = health.record_cycle(kind, started_at=started, **figures)
    type(row).objects.filter(pk=row.pk).update(finished_at=started)


def test_it_works():
    for seconds in [*[3] * 18, 12.9, 700]:
        pay(seconds)
    found = today()
    assert (found.payments, found.median, found.p95) == (20, 3, 12)
    assert (found.quick_share, found.timely_share) == (90, 95)


def test_every_day_is_there_oldest_first():
    found = health.verification_days(timezone.now())
    assert [str(each.day) for each in (found[0], found[-1])] == ["2027-03-16", "2027-03-29"]
    assert {(each.payments, each.median, each.quick_share) for each in found} == {(0, None, None)}


def test_days_are_local_days():
    pay(3, ago=timedelta(hours=12, minutes=30))  # 23:30 UTC is half past midnight in summer
    assert today().payments == 1


def test_a_clock_that_is_ahead_counts_as_at_once():
    pay(-2.5)
    assert (today().median, today().quick_share) == (0, 100)


def test_only_own_merchants_count():
    pay(3, merchant=make_merchant("MOTHER01", "Other"))
    pay(500)
    assert today(merchants=MerchantAccount.objects.filter(merchant_code="MOTHER01")).median == 3


def test_silence_is_a_dead_worker():
    assert health.polling_silence(timezone.now()) == timedelta.max
    cycle(ago=timedelta(minutes=12))
    cycle(CycleKind.SWEEP)
    assert health.polling_silence(timezone.now()) == timedelta(minutes=12)
    cycle(ago=timedelta(minutes=2))
    assert health.polling_silence(timezone.now()) is None


def test_a_round_without_any_answer_was_no_good_one():
    cycle(ago=timedelta(hours=1), items=4, calls=4, errors=1)
    cycle(ago=timedelta(minutes=5), items=4, calls=4, errors=4)
    [poll, watch, *_] = health.summarise_cycles(timezone.now())
    assert poll.last == timezone.now() - timedelta(hours=1)
    assert (poll.rounds, poll.items, poll.asked, poll.errors) == (2, 8, 8, 5)
    assert watch.last is None


def test_calls_are_counted_once():
    payment = make_payment()
    Observation.objects.bulk_create(Observation(payment=payment, question=Question.GET) for _ in range(3))
    Observation.objects.filter(pk=Observation.objects.last().pk).update(at=timezone.now() - timedelta(hours=3))
    cycle(CycleKind.POLL, calls=3, errors=1)
    cycle(CycleKind.WATCH, calls=15, errors=2, ago=timedelta(hours=2))
    found = health.count_provider_calls(timezone.now())
    assert (found.hour, found.day, found.errors_hour, found.errors_day) == (2, 18, 1, 3)


def test_trouble_is_found_for_own_merchants_only():
    mine, other = make_merchant(), make_merchant("MOTHER01", "Other", status=MerchantStatus.BROKEN)
    make_payment(merchant=other)
    own = MerchantAccount.objects.filter(pk=mine.pk)
    assert list(health.list_broken_merchants()) == [other]
    assert not health.list_broken_merchants(own)
    assert health.open_payments().get() == Payment.objects.get()
    assert not health.open_payments(own)
