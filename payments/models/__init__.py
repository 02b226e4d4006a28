from payments.models.ledger import Discrepancy, Movement, ReconciliationRun
from payments.models.merchants import MerchantAccount
from payments.models.payments import Observation, Payment
from payments.models.refunds import Refund
from payments.models.watch import Alert, Cycle, PollingPause

__all__ = [
    "Alert",
    "Cycle",
    "Discrepancy",
    "MerchantAccount",
    "Movement",
    "Observation",
    "Payment",
    "PollingPause",
    "ReconciliationRun",
    "Refund",
]
