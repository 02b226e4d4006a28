"""Where SumUp's list of a day and our rows disagree, in sentences for staff. From the rows alone; nobody is asked."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from common.text.typed_dates import format_moment
from payments.domain.reconciliation import days, fulfilment_status, matching, movements
from payments.enums import NOT_TAKEN, DiscrepancyKind, MovementKind, PaymentState, RefundState
from payments.models import Movement, Payment, Refund
from payments.money import ZERO, format_amount, round_money

LATE = timedelta(hours=1)  # until then SumUp's list may not have what we know
UNSETTLED = timedelta(minutes=10)
BACK = (MovementKind.REFUND, MovementKind.CHARGE_BACK)


@dataclass(frozen=True)
class Finding:
    """One disagreement. `kind` and `key` make it the same finding tomorrow; `amount` in pounds."""

    kind: str
    key: str
    sentence: str
    amount: Decimal = ZERO
    transaction_id: str = ""
    payment: Payment | None = None
    online: bool = True


class MerchantDay:
    """All rows about one merchant and local day, read once, in a constant number of queries."""

    def __init__(self, merchant, day):
        self.merchant, self.day, self.now = merchant, day, timezone.now()
        self.began, self.ended = days.day_bounds(day)
        rows = Movement.objects.filter(merchant=merchant, at__gte=self.began, at__lt=self.ended)
        self.movements = list(rows.select_related("payment").order_by("at", "id"))
        movements.match_movements(merchant, self.movements)
        self.payments = list(self._paid().order_by("id"))
        self.statuses = fulfilment_status.fulfilment_status_of(
            sorted({payment.subject for payment in self._all_payments()})
        )

    @property
    def sales(self):
        return [row for row in self.movements if row.kind == MovementKind.PAYMENT and row.status not in NOT_TAKEN]

    @property
    def manual_payments(self):
        rows = Payment.objects.filter(merchant=self.merchant, state=PaymentState.BY_HAND)
        rows = rows.filter(paid_at__gte=self.began, paid_at__lt=self.ended)
        return list(rows.select_related("merchant").order_by("id"))

    @property
    def ours(self):
        return [sale for sale in self.sales if sale.payment]

    def of(self, *kinds):
        return [row for row in self.movements if row.kind in kinds and row.payment and row.status not in NOT_TAKEN]

    def is_settled(self, payment):
        return payment.subject in self.statuses and self.statuses[payment.subject].settled

    def _paid(self):
        """Those paid on this day by SumUp's clock, or by ours if it did not say."""
        by_provider = Q(transacted_at__gte=self.began, transacted_at__lt=self.ended)
        by_us = Q(transacted_at=None, paid_at__gte=self.began, paid_at__lt=self.ended)
        return Payment.objects.filter(by_provider | by_us, merchant=self.merchant, state=PaymentState.PAID)

    def _all_payments(self):
        return [*self.payments, *(sale.payment for sale in self.ours)]


def find_discrepancies(day):
    back = _gone_back(day.merchant, {sale.transaction_id for sale in day.sales})
    return [
        *(
            _unmatched(sale)
            for sale in day.sales
            if _is_unmatched(day, sale) and back[sale.transaction_id] < sale.amount
        ),
        *(
            _double(sale)
            for sale in day.ours
            if _is_second_transaction(sale) and back[sale.transaction_id] < sale.amount
        ),
        *(_not_paid(sale) for sale in day.ours if sale.payment.state != PaymentState.PAID),
        *(_other_amount(sale) for sale in day.ours if _is_first_transaction(sale) and not _same_money(sale)),
        *_missing(day),
        *(_unfulfilled(day, payment) for payment in day.payments if _is_unfulfilled(day, payment)),
        *(_refund_differs(day, *each) for each in refund_differences(day)),
        *(_unproved(payment) for payment in day.manual_payments),
    ]


def refund_differences(day):
    """(transaction id, payment or None, pounds back by our rows, pounds back by SumUp's list) where these differ."""
    theirs_today = {row.transaction_id: row.payment for row in day.movements if row.kind in BACK}
    proved = Refund.objects.filter(merchant=day.merchant, state=RefundState.PROVED)
    ours_today = proved.filter(proved_at__gte=day.began, proved_at__lt=day.ended, proved_at__lte=day.now - LATE)
    ours_today = {row.transaction_id: row.payment for row in ours_today.select_related("payment")}
    about = theirs_today | ours_today
    sums = dict(
        proved.filter(transaction_id__in=about).order_by().values_list("transaction_id").annotate(Sum("amount"))
    )
    back = _gone_back(day.merchant, about)
    known = [each for each, payment in about.items() if each in sums or (payment and payment.transaction_id == each)]
    return [
        (each, about[each], sums.get(each, ZERO), back[each]) for each in known if sums.get(each, ZERO) != back[each]
    ]


def _gone_back(merchant, transaction_ids):
    rows = movements.completed_movements(BACK).filter(merchant=merchant, transaction_id__in=list(transaction_ids))
    sums = rows.order_by().values_list("transaction_id").annotate(Sum("amount"))
    return defaultdict(lambda: ZERO, {each: round_money(total) for each, total in sums})


def _is_unmatched(day, sale):
    if sale.payment:
        return False
    # An open payment that fits may be verified at this very moment: no reason to alarm anybody yet.
    young = is_online_sale(sale) and sale.seen_at > day.now - UNSETTLED
    return not (young and any(_is_open(payment) for payment in matching.candidate_payments(sale)))


def _is_open(payment):
    return payment.state != PaymentState.PAID and payment.closed_at is None


def _is_first_transaction(sale):
    return sale.transaction_id == sale.payment.transaction_id


def _is_second_transaction(sale):
    return sale.payment.state == PaymentState.PAID and not _is_first_transaction(sale)


def _same_money(sale):
    return (sale.amount, sale.currency) == (sale.payment.amount, sale.payment.currency)


def _is_unfulfilled(day, payment):
    old = payment.paid_at is not None and payment.paid_at <= day.now - UNSETTLED
    return old and not day.is_settled(payment)


def _unmatched(sale):
    words = _("SumUp took %(money)s on %(when)s (%(code)s), which belongs to no order of ours.")
    return _sale_finding(DiscrepancyKind.UNMATCHED, sale, words % _sale_words(sale))


def _double(sale):
    words = _("SumUp took %(money)s on %(when)s (%(code)s) a second time for payment %(payment)s.")
    return _sale_finding(DiscrepancyKind.DOUBLE, sale, words % _sale_words(sale))


def _not_paid(sale):
    words = _("SumUp took %(money)s on %(when)s (%(code)s) for payment %(payment)s, which is %(state)s with us.")
    return _sale_finding(
        DiscrepancyKind.STATUS, sale, words % (_sale_words(sale) | {"state": sale.payment.get_state_display().lower()})
    )


def _other_amount(sale):
    words = _("SumUp took %(money)s on %(when)s (%(code)s) for payment %(payment)s, which was to be %(ours)s.")
    ours = format_amount(sale.payment.amount, sale.payment.currency)
    difference = abs(sale.amount - sale.payment.amount)
    return _sale_finding(DiscrepancyKind.AMOUNT, sale, words % (_sale_words(sale) | {"ours": ours}), amount=difference)


def _missing(day):
    """Paid with us; SumUp's list has it under no date, or says that nothing was taken."""
    late = [payment for payment in day.payments if payment.paid_at is None or payment.paid_at <= day.now - LATE]
    listed = Movement.objects.filter(
        merchant=day.merchant,
        kind=MovementKind.PAYMENT,
        transaction_id__in=[payment.transaction_id for payment in late if payment.transaction_id],
    )
    status = dict(listed.values_list("transaction_id", "status"))
    for payment in late:
        if payment.transaction_id not in status:
            yield _payment_finding(DiscrepancyKind.MISSING, payment, _("SumUp’s list does not have it."))
        elif status[payment.transaction_id] in NOT_TAKEN:
            said = status[payment.transaction_id]
            words = _("SumUp’s list calls it %(status)s.") % {"status": said}
            yield _payment_finding(DiscrepancyKind.STATUS, payment, words)


def _unfulfilled(day, payment):
    status = day.statuses.get(payment.subject)
    words = str(status.words) if status else _("Nobody knows what it was for.")
    return _payment_finding(DiscrepancyKind.UNFULFILLED, payment, words)


def describe_manual_payment(payment):
    words = _("Payment %(payment)s of %(money)s was settled by hand on %(when)s (%(code)s) and is not proved.")
    told = {
        "payment": payment.reference,
        "money": format_amount(payment.amount, payment.currency),
        "when": format_moment(payment.paid_at),
        "code": payment.transaction_code,
    }
    why = payment.problem or _("SumUp’s list does not have it yet.")
    unpaid = _("Its payment page was closed unpaid.") if payment.closed_at else ""
    return " ".join(filter(None, [words % told, why, unpaid]))


def _unproved(payment):
    words = describe_manual_payment(payment)
    return Finding(DiscrepancyKind.BY_HAND, payment.reference, words, payment.amount, "", payment)


def _refund_differs(day, transaction_id, payment, ours, theirs):
    words = _("Of %(what)s %(ours)s went back by our records, but %(theirs)s by SumUp’s list.")
    what = payment.reference if payment else transaction_id
    currency = payment.currency if payment else day.merchant.currency
    sums = {"ours": format_amount(ours, currency), "theirs": format_amount(theirs, currency)}
    sentence = words % ({"what": what} | sums)
    difference = abs(ours - theirs)
    return Finding(DiscrepancyKind.REFUND, transaction_id, sentence, difference, transaction_id, payment)


def _sale_finding(kind, sale, sentence, *, amount=None):
    return Finding(
        kind,
        sale.transaction_id,
        sentence,
        sale.amount if amount is None else amount,
        sale.transaction_id,
        sale.payment,
        online=is_online_sale(sale),
    )


def _payment_finding(kind, payment, words):
    paid = _("Payment %(payment)s of %(money)s was paid on %(when)s.")
    told = {
        "payment": payment.reference,
        "money": format_amount(payment.amount, payment.currency),
        "when": format_moment(payment.transacted_at or payment.paid_at or payment.created_at),
    }
    sentence = f"{paid % told} {words}"
    return Finding(kind, payment.reference, sentence, payment.amount, payment.transaction_id, payment)


def is_online_sale(sale):
    """Not taken by a card reader or in cash; what SumUp does not say may be ours."""
    return sale.payment_type not in {"POS", "CASH"}


def _sale_words(sale):
    return {
        "money": format_amount(sale.amount, sale.currency),
        "when": format_moment(sale.at),
        "code": sale.transaction_code or sale.transaction_id,
        "payment": sale.payment.reference if sale.payment else "",
    }
