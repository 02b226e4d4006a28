"""The payment summary of an order: what was paid, refunded, and is on its way back."""

from dataclasses import dataclass
from decimal import Decimal

from payments.domain.refunds.amounts import collected_amount
from payments.domain.verification.payment_checks import list_payments_for
from payments.enums import OPEN_REFUND_STATES, PaymentState, RefundState
from payments.models import Refund
from payments.money import ZERO


@dataclass(frozen=True)
class PaymentSummary:
    """Payments oldest first, refunds newest first. All sums in pounds."""

    payments: list
    refunds: list

    @property
    def paid(self):
        """What SumUp took, which is not always what was asked for."""
        return sum((collected_amount(row) for row in self.payments if row.state == PaymentState.PAID), ZERO)

    @property
    def returned(self):
        return [refund for refund in self.refunds if refund.state == RefundState.PROVED]

    @property
    def on_its_way(self):
        return [refund for refund in self.refunds if refund.state in OPEN_REFUND_STATES]

    @property
    def waiting(self):
        return next((refund for refund in self.refunds if refund.state == RefundState.WAITING), None)

    @property
    def refunded(self) -> Decimal:
        return _sum_amounts(self.returned)

    @property
    def promised(self) -> Decimal:
        return _sum_amounts(self.on_its_way)

    @property
    def kept(self) -> Decimal:
        """What is left once every refund that was asked for is done."""
        return max(self.paid - self.refunded - self.promised, ZERO)


def get_payment_summary(order, payments=None):
    """`payments` are those of `list_payments_for` where the caller has just read them."""
    payments = list_payments_for(order.reference) if payments is None else payments
    refunds = Refund.objects.filter(subject=order.reference).select_related("requested_by", "payment").order_by("-pk")
    return PaymentSummary(payments, list(refunds))


def _sum_amounts(rows):
    return sum((row.amount for row in rows), ZERO)
