"""The sweep: every situation at the simulator becomes its finding, and every other one £0.00 unmatched."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from payments import tasks
from payments.domain.reconciliation import days, discrepancies, fulfilment_status, movements, runs
from payments.domain.verification import payment_checks
from payments.enums import CycleKind, DiscrepancyState, Explanation, MerchantStatus, Severity
from payments.models import (
    Alert,
    Discrepancy,
    MerchantAccount,
    Movement,
    Payment,
    ReconciliationRun,
    Refund,
    WorkerCycle,
)
from tests.factories import make_merchant
from tests.payments.factories import change, fresh, make_connected, make_open_payment

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def settled(monkeypatch):
    """Whoever asked for the money is content with it, unless a test takes a subject out."""
    unsettled = set()
    words = "The order is waiting for its tickets."

    def explain(asked):
        return {each: fulfilment_status.FulfilmentStatus(settled=each not in unsettled, words=words) for each in asked}

    monkeypatch.setattr(fulfilment_status, "_explainers", [explain])
    return unsettled


def today():
    return timezone.localdate()


def pay(simulator, payment):
    simulator.pay(payment.reference)
    return settle(payment)


def settle(payment):
    change(payment, checked_at=None)
    payment_checks.verify_payment(payment.pk)
    return fresh(payment)


def buy(simulator, subject="JE-TEST0001", **fields):
    return pay(simulator, make_open_payment(subject, **fields))


def reconcile(day=None):
    return runs.reconcile_day(make_merchant(), day or today())


def line():
    return runs.describe_run(reconcile())


def only_finding():
    return Discrepancy.objects.get(state=DiscrepancyState.OPEN)


def everything():
    """All rows the sweep writes, without the times at which it did."""
    found = []
    for model, unless in ((Movement, ()), (ReconciliationRun, ("started_at", "finished_at")), (Discrepancy, ())):
        names = [field.attname for field in model._meta.fields if field.name not in unless]
        found.append(list(model.objects.order_by("pk").values(*names)))
    return [*found, list(Refund.objects.values()), list(Alert.objects.values_list("key", flat=True))]


def test_it_works(simulator):
    for number in range(3):
        buy(simulator, f"JE-{number:08}")

    run = reconcile()

    assert runs.describe_run(run) == "3 payments, 3 orders, £0.00 unmatched"
    assert (run.gross, run.refunded, run.not_ours, run.error) == (Decimal("73.50"), 0, 0, "")
    assert run.finished_at
    assert Discrepancy.objects.count() == Alert.objects.count() == 0


def test_a_rerun_changes_nothing(simulator, settled):
    buy(simulator, "JE-00000001")
    simulator.refund(buy(simulator, "JE-00000002").reference, amount=5)
    simulator.sale(7)
    settled.add(change(buy(simulator, "JE-00000003"), paid_at=timezone.now() - HOUR).subject)
    reconcile()
    before = everything()

    reconcile()
    runs.reconcile_hourly()

    after = everything()
    run = next(row for row in after[1] if row["day"] == today())
    assert [row for row in after[1] if row["day"] != today()]  # yesterday has a report too
    assert [before[0], *before[2:], [run]] == [after[0], *after[2:], before[1]]


def test_a_day_without_a_sale_is_a_report_too(simulator):
    make_merchant()
    assert line() == "0 payments, 0 orders, £0.00 unmatched"


# Findings


def test_money_of_nobody_is_unmatched(simulator):
    payment = buy(simulator)
    Payment.objects.filter(pk=payment.pk).update(transaction_id="", transaction_code="")
    payment.observations.all().delete()
    payment.delete()

    assert line() == "0 payments, 0 orders, £24.50 unmatched, 1 open discrepancy"
    finding = only_finding()
    assert (finding.kind, finding.amount) == ("unmatched", Decimal("24.50"))
    assert finding.sentence.startswith("SumUp took £24.50 on ")
    assert finding.sentence.endswith("which belongs to no order of ours.")
    assert Alert.objects.get().severity == Severity.CRITICAL


def test_what_a_card_reader_took_is_unmatched_but_wakes_nobody(simulator):
    buy(simulator)
    simulator.sale(7)
    assert line() == "1 payment, 1 order, £7.00 unmatched, 1 open discrepancy"
    assert Alert.objects.get().severity == Severity.NOTICE


def test_unmatched_money_that_went_back_is_none(simulator):
    make_merchant()
    sale = simulator.sale(7)
    simulator.refund(transaction_id=sale["id"])
    assert line() == "0 payments, 0 orders, £0.00 unmatched"


def test_two_successes_on_one_checkout_are_paid_twice(simulator):
    simulator.fault("two_successes")
    payment = buy(simulator)
    assert line() == "1 payment, 1 order, £0.00 unmatched, 1 open discrepancy"
    finding = only_finding()
    assert (finding.kind, finding.payment, finding.amount) == ("double", payment, Decimal("24.50"))
    assert finding.transaction_id != payment.transaction_id
    assert Alert.objects.get(key=f"discrepancy:{finding.pk}").severity == Severity.CRITICAL


def test_paid_twice_clears_when_the_second_went_back(simulator):
    simulator.fault("two_successes")
    buy(simulator)
    reconcile()
    simulator.refund(transaction_id=only_finding().transaction_id)
    assert line() == "1 payment, 1 order, £0.00 unmatched"
    assert Discrepancy.objects.get().state == DiscrepancyState.CLEARED


def test_a_payment_that_sumup_does_not_list_is_missing(simulator):
    payment = change(buy(simulator), transaction_id="tx-unknown", paid_at=timezone.now() - 2 * HOUR)
    Movement.objects.all().delete()
    simulator.reset()
    assert line() == "0 payments, 0 orders, £0.00 unmatched, 1 open discrepancy"
    assert (only_finding().kind, only_finding().payment) == ("missing", payment)


def test_sumup_has_an_hour_to_list_a_payment(simulator):
    buy(simulator)
    simulator.reset()
    assert line() == "0 payments, 0 orders, £0.00 unmatched"


def test_another_amount_is_found(simulator):
    change(buy(simulator), amount=Decimal("20.00"))
    assert line() == "1 payment, 1 order, £0.00 unmatched, 1 open discrepancy"
    assert (only_finding().kind, only_finding().amount) == ("amount", Decimal("4.50"))
    assert "which was to be £20.00" in only_finding().sentence
    assert Alert.objects.get().severity == Severity.CRITICAL


def test_what_sumup_calls_declined_has_another_status(simulator):
    payment = change(buy(simulator), paid_at=timezone.now() - 2 * HOUR)
    reconcile()
    Movement.objects.update(status="FAILED")
    run = runs.compare_day(make_merchant(), today())
    assert (only_finding().kind, only_finding().payment, run.gross) == ("status", payment, 0)
    reconcile()  # SumUp's own word replaces ours
    assert Discrepancy.objects.get().state == DiscrepancyState.CLEARED


def test_a_payment_that_nobody_looked_at_is_verified_and_no_finding(simulator):
    payment = change(make_open_payment(), checked_at=None)
    simulator.pay(payment.reference)
    assert line() == "1 payment, 1 order, £0.00 unmatched"
    assert fresh(payment).state == "paid"


def test_a_payment_that_is_looked_at_this_moment_has_ten_minutes(simulator):
    payment = change(make_open_payment(), checked_at=timezone.now())
    simulator.pay(payment.reference)
    assert line() == "0 payments, 0 orders, £0.00 unmatched"
    change(payment, checked_at=timezone.now())
    Movement.objects.update(seen_at=timezone.now() - timedelta(minutes=11))
    assert line() == "0 payments, 0 orders, £24.50 unmatched, 1 open discrepancy"
    change(payment, checked_at=None)
    assert line() == "1 payment, 1 order, £0.00 unmatched"


def test_late_money_for_a_closed_payment_is_found_by_the_sweep(simulator):
    payment = change(make_open_payment(), checked_at=None, closed_at=timezone.now(), next_check_at=None)
    simulator.pay(payment.reference, force=True)
    assert line() == "1 payment, 1 order, £0.00 unmatched"


def test_success_that_the_checkout_does_not_admit_is_another_status(simulator):
    """The checkout shows the transaction, but SumUp keeps calling it pending."""
    payment = change(make_open_payment(), checked_at=None)
    simulator.fault("paid_after_looks", looks=1000)
    simulator.pay(payment.reference)
    transaction = simulator.state()["transactions"][0]["id"]
    payment.observations.create(question="get", answer={"status": "PENDING", "transactions": [{"id": transaction}]})

    assert line() == "1 payment, 1 order, £24.50 unmatched, 1 open discrepancy"
    assert (only_finding().kind, only_finding().payment) == ("status", payment)
    assert "which is open with us" in only_finding().sentence


def test_paid_without_tickets_is_unfulfilled_after_ten_minutes(simulator, settled):
    payment = buy(simulator)
    settled.add(payment.subject)
    assert line() == "1 payment, 0 orders, £0.00 unmatched"
    change(payment, paid_at=timezone.now() - timedelta(minutes=11))
    assert line() == "1 payment, 0 orders, £0.00 unmatched, 1 open discrepancy"
    assert only_finding().sentence.endswith("The order is waiting for its tickets.")
    settled.clear()
    assert line() == "1 payment, 1 order, £0.00 unmatched"


def test_a_refund_in_sumups_dashboard_becomes_a_row_of_ours(simulator):
    payment = buy(simulator)
    simulator.refund(payment.reference, amount=5)
    run = reconcile()
    assert (run.refunded, run.open_discrepancies) == (5, 0)
    assert Refund.objects.get(payment=payment).amount == 5


def test_a_charge_back_becomes_a_row_of_ours(simulator):
    payment = buy(simulator)
    simulator.chargeback(payment.reference)
    run = reconcile()
    assert (run.charged_back, run.open_discrepancies) == (Decimal("24.50"), 0)
    assert Refund.objects.get(payment=payment).origin == "charge_back"


def test_a_refund_that_only_sumup_knows_is_found_when_it_cannot_be_read(simulator):
    payment = buy(simulator)
    simulator.refund(payment.reference, amount=5)
    simulator.fault("transactions_404", times=None)
    reconcile()
    assert (only_finding().kind, only_finding().amount) == ("refund", 5)
    simulator.clear_faults()
    reconcile()
    assert Discrepancy.objects.get().state == DiscrepancyState.CLEARED


def test_a_refund_that_only_we_know_is_found(simulator):
    payment = buy(simulator)
    then = timezone.now() - 2 * HOUR
    Refund.objects.create(
        merchant=payment.merchant, payment=payment, transaction_id=payment.transaction_id, amount=5, currency="GBP",
        state="proved", proved_at=then, event_id="e-1",
    )  # fmt: skip
    reconcile(days.local_day(then))
    assert "£5.00 went back by our records, but £0.00 by SumUp’s list" in only_finding().sentence


def test_what_comes_back_opens_again_and_is_told_again(simulator, settled):
    payment = change(buy(simulator), paid_at=timezone.now() - HOUR)
    for unsettled in ({payment.subject}, set(), {payment.subject}):
        settled.clear()
        settled |= unsettled
        reconcile()
    assert only_finding().closed_at is None
    assert Alert.objects.count() == 2


# Staff


@pytest.fixture
def staff():
    return User.objects.create(username="alice")


def test_not_ours_counts_as_not_ours_and_stays_so(simulator, staff):
    make_merchant()
    simulator.sale(7)
    reconcile()
    discrepancies.explain_discrepancy(only_finding(), Explanation.NOT_OURS, by=staff, reason="The bar’s card reader.")
    for run in (reconcile(), reconcile()):
        assert (run.unmatched, run.not_ours, run.open_discrepancies) == (0, 7, 0)
    closed = Discrepancy.objects.get()
    assert (closed.explained_by, closed.reason) == (staff, "The bar’s card reader.")


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_closing_needs_a_reason(simulator, staff, reason):
    make_merchant()
    simulator.sale(7)
    reconcile()
    with pytest.raises(discrepancies.NotExplained, match="say why"):
        discrepancies.explain_discrepancy(only_finding(), Explanation.ACCEPTED, by=staff, reason=reason)
    assert only_finding()


def test_closing_twice_is_refused(simulator, staff):
    make_merchant()
    simulator.sale(7)
    reconcile()
    finding = only_finding()
    discrepancies.explain_discrepancy(finding, Explanation.ACCEPTED, by=staff, reason="Seen.")
    with pytest.raises(discrepancies.NotExplained, match="closed already"):
        discrepancies.refund_discrepancy(Discrepancy.objects.get(), by=staff, reason="Again.")
    assert Refund.objects.count() == 0


def test_refunding_the_second_of_two_successes(simulator, staff):
    simulator.fault("two_successes")
    buy(simulator)
    reconcile()
    made = discrepancies.refund_discrepancy(only_finding(), by=staff, reason="Paid twice.")
    assert (made.transaction_id, made.amount) == (Discrepancy.objects.get().transaction_id, Decimal("24.50"))
    tasks.carry_out_refund.call_local(made.pk)
    assert runs.describe_run(reconcile()) == "1 payment, 1 order, £0.00 unmatched"
    assert Discrepancy.objects.get().refund == made


def test_looking_again_at_one_finding(simulator):
    """SumUp's list was late: the button asks about this transaction alone."""
    payment = buy(simulator)
    change(payment, paid_at=timezone.now() - 2 * HOUR)
    runs.compare_day(make_merchant(), today())
    assert only_finding().kind == "missing"
    discrepancies.recheck_discrepancy(only_finding())
    assert runs.compare_day(make_merchant(), today()).open_discrepancies == 0


# Outages, days, money


def test_an_outage_leaves_the_day_unfinished_until_it_is_read(simulator, settled):
    buy(simulator)
    simulator.fault("server_error", operation="history", times=None)
    run = reconcile()
    assert run.finished_at is None
    assert "not read to the end: 500" in runs.describe_run(run)
    assert runs.reconcile_hourly() == 1
    simulator.clear_faults()
    ReconciliationRun.objects.filter(day=today()).update(day=today() - timedelta(days=4))
    assert runs.reconcile_hourly() == 0
    assert not ReconciliationRun.objects.filter(finished_at=None).exists()


def test_a_long_outage_is_told_once_a_day(simulator):
    buy(simulator)
    MerchantAccount.objects.update(walked_until=timezone.now() - 5 * HOUR)
    simulator.fault("server_error", operation="history", times=None)
    for _ in range(3):
        runs.reconcile_hourly()
    assert [alert.severity for alert in Alert.objects.all()] == [Severity.NOTICE]


def test_one_merchants_outage_delays_nobody_else(simulator):
    broken = make_merchant("MBROKEN1", "Aardvark", status=MerchantStatus.BROKEN)
    change(make_open_payment("JE-00000009"), merchant=broken)
    buy(simulator)
    assert runs.reconcile_hourly() == 1
    assert ReconciliationRun.objects.get(merchant=make_merchant(), day=today()).finished_at
    assert ReconciliationRun.objects.get(merchant=broken, day=today()).finished_at is None
    assert WorkerCycle.objects.get(kind=CycleKind.SWEEP).errors == 1


def test_a_connected_account_is_read_with_its_own_renewed_token(simulator):
    merchant = make_connected(simulator)
    simulator.sale(7, merchant_code=merchant.merchant_code)
    simulator.expire_tokens()
    assert runs.reconcile_day(merchant, today()).unmatched == 7


def test_the_night_reads_days_without_a_report(simulator):
    """The worker was off for a week."""
    buy(simulator)
    reconcile(today() - timedelta(days=7))
    runs.reconcile_nightly()
    reported = set(ReconciliationRun.objects.values_list("day", flat=True))
    assert reported == set(days.days_between(today() - timedelta(days=7), today()))


def test_fees_come_from_the_transaction_and_then_from_the_payout(simulator):
    payment = buy(simulator)
    runs.reconcile_nightly()
    assert ReconciliationRun.objects.get(day=today()).fees == Decimal("0.61")

    simulator.clock(3 * 86_400)
    paid_out = days.local_day(payment.paid_at) + timedelta(days=2)
    movements.import_movements(make_merchant(), first=paid_out - timedelta(days=1), last=paid_out + timedelta(days=1))
    sale = Movement.objects.get(kind="PAYMENT")
    payout = Movement.objects.get(kind="PAYOUT")
    assert (payout.payment, payout.amount + payout.fee) == (payment, payment.amount)
    assert (sale.payout_reference, sale.payout_date) == (payout.payout_reference, payout.payout_date)
    assert runs.compare_day(make_merchant(), payout.payout_date).paid_out == payout.amount


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24), (date(2026, 1, 1), 24)],
)
def test_a_day_is_jerseys(day, hours):
    began, ended = days.day_bounds(day)
    assert ended - began == timedelta(hours=hours) or (ended.timestamp() - began.timestamp()) == hours * 3600
    assert days.local_day(began) == days.local_day(ended - timedelta(seconds=1)) == day
    assert days.day_bounds(day - timedelta(days=1))[1] == began


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-06-30T23:30:00+00:00", date(2026, 7, 1)),
        ("2026-07-01T22:59:59+00:00", date(2026, 7, 1)),
        ("2026-03-29T00:30:00+00:00", date(2026, 3, 29)),
        ("2026-03-29T22:59:59+00:00", date(2026, 3, 29)),
        ("2026-10-25T23:30:00+00:00", date(2026, 10, 25)),
    ],
)
def test_a_sale_belongs_to_one_day_only(simulator, at, day):
    payment = buy(simulator)
    movements.import_movements(make_merchant(), first=today())
    when = datetime.fromisoformat(at)
    Movement.objects.update(at=when)
    change(payment, transacted_at=when, paid_at=when)
    counts = [runs.compare_day(make_merchant(), day + timedelta(days=each)).payments for each in (-1, 0, 1)]
    assert counts == [0, 1, 0]


def test_a_report_costs_the_same_queries_however_many_sales(simulator, django_assert_max_num_queries):
    payment = buy(simulator)
    for number in range(8):
        buy(simulator, f"JE-{number:08}")
    movements.import_movements(payment.merchant, first=today())
    with django_assert_max_num_queries(30):
        runs.compare_day(payment.merchant, today())


# The command


def run(*args):
    out = StringIO()
    call_command("reconcile_payments", *args, stdout=out)
    return out.getvalue().splitlines()


def test_command_prints_a_line_per_merchant_and_day(simulator):
    buy(simulator)
    first = today() - timedelta(days=1)
    lines = run("--from", str(first), "--to", str(today()))
    assert lines == [
        f"{first} MDEMO001: 0 payments, 0 orders, £0.00 unmatched",
        f"{today()} MDEMO001: 1 payment, 1 order, £0.00 unmatched",
    ]


def test_command_fails_when_something_is_open(simulator):
    buy(simulator)
    simulator.sale(7)
    with pytest.raises(CommandError, match="Something is open") as caught:
        run("--date", str(today()), "--merchant", "MDEMO001")
    assert caught.value.returncode == 1


def test_command_fails_when_a_day_could_not_be_read(simulator):
    buy(simulator)
    simulator.fault("server_error", operation="history", times=None)
    with pytest.raises(CommandError):
        run()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--date", "next tuesdayish"], "is no date"),
        (["--date", "30 Feb 2026"], "is no date: February 2026 has 28 days"),
        (["--date", "1999-12-31"], "before SumUp"),
        (["--date", "14.3.2199"], "has not begun"),
        (["--from", "2026-03-14", "--to", "2026-03-13"], "is after"),
        (["--from", "2020-01-01"], "At most 366"),
        (["--to", "2026-03-13"], "needs --from"),
        (["--date", "2026-03-13", "--from", "2026-03-13"], "either"),
        (["--merchant", "MNOBODY1"], "no merchant"),
    ],
)
def test_command_says_what_is_wrong(args, words):
    with pytest.raises(CommandError, match=words):
        run(*args)


def test_command_without_a_payment_says_so():
    assert run() == ["No merchant has had a payment yet: there is nothing to compare."]
