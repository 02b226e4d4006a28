"""The tables of money: accounts, payments, refunds, books, and how the background work went. Read `payments` first."""

from payments.models.merchants import MerchantAccount
from payments.models.monitoring import Alert, PollingPause, WorkerCycle
from payments.models.payments import Observation, Payment
from payments.models.reconciliation import Discrepancy, Movement, ReconciliationRun
from payments.models.refunds import Refund

__all__ = [
    "Alert",
    "Discrepancy",
    "MerchantAccount",
    "Movement",
    "Observation",
    "Payment",
    "PollingPause",
    "ReconciliationRun",
    "Refund",
    "WorkerCycle",
]
