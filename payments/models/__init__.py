from payments.models.merchants import MerchantAccount
from payments.models.payments import Observation, Payment

__all__ = ["MerchantAccount", "Observation", "Payment"]
