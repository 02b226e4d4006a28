"""The words of payments. No status text is typed anywhere else."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaymentState(models.TextChoices):
    CREATED = "created", _("created")  # ours alone: SumUp has not confirmed a checkout yet
    OPEN = "open", _("open")
    PAID = "paid", _("paid")
    FAILED = "failed", _("failed")  # the last attempt was declined; may still turn paid
    EXPIRED = "expired", _("expired")  # the deadline passed unpaid; may still turn paid
    BY_HAND = "by_hand", _("paid by hand, not yet proved")  # a person saw it at SumUp; SumUp has not shown it to us


TAKEN_FOR_PAID = (PaymentState.PAID, PaymentState.BY_HAND)
"""What gets tickets. Money that counts and can go back is PAID alone."""


class MerchantKind(models.TextChoices):
    API_KEY = "api_key", _("API key of the site")
    OAUTH = "oauth", _("connected account")


class MerchantStatus(models.TextChoices):
    CONNECTED = "connected", _("connected")
    BROKEN = "broken", _("broken")
    REVOKED = "revoked", _("revoked")


class Question(models.TextChoices):
    """What we asked SumUp."""

    CREATE = "create", _("create a checkout")
    LIST = "list", _("list by reference")
    GET = "get", _("read the checkout")
    DEACTIVATE = "deactivate", _("deactivate the checkout")
    TRANSACTION = "transaction", _("read the transaction")
    REFUND = "refund", _("refund")


CLOCK_TOLERANCE = timedelta(hours=3)
"""How far SumUp's clock and ours may be apart."""
CUT_SHORT = "no answer: the attempt was cut short"
"""The error of an attempt until its end is known."""


class CheckoutStatus(models.TextChoices):
    """SumUp's own words for a checkout. FAILED is not final: the payer may try again on the same page."""

    PENDING = "PENDING", _("waiting for the payer")
    FAILED = "FAILED", _("last attempt declined")
    PAID = "PAID", _("paid")
    EXPIRED = "EXPIRED", _("expired")


class TransactionStatus(models.TextChoices):
    """SumUp's own words for one attempt to pay."""

    SUCCESSFUL = "SUCCESSFUL", _("successful")
    CANCELLED = "CANCELLED", _("cancelled")
    FAILED = "FAILED", _("declined")
    PENDING = "PENDING", _("pending")
    REFUNDED = "REFUNDED", _("refunded")


NOT_TAKEN = (TransactionStatus.CANCELLED, TransactionStatus.FAILED, TransactionStatus.PENDING)
"""Of these words alone we know that no money moved: an unknown status counts as money."""


class EventStatus(models.TextChoices):
    """SumUp's own words for a part of a transaction's story: a refund, a charge back, a payout."""

    PENDING = "PENDING", _("pending")
    SCHEDULED = "SCHEDULED", _("scheduled")
    SUCCESSFUL = "SUCCESSFUL", _("successful")
    REFUNDED = "REFUNDED", _("refunded")
    RECONCILED = "RECONCILED", _("reconciled")
    PAID_OUT = "PAID_OUT", _("paid out")
    FAILED = "FAILED", _("failed")


class RefundState(models.TextChoices):
    REQUESTED = "requested", _("requested")  # a row of ours; SumUp was not asked yet
    SENT = "sent", _("sent")  # SumUp was asked, or may have been; the proof is missing
    WAITING = "waiting", _("waiting for balance")  # not enough money at SumUp; tried again later
    PROVED = "proved", _("refunded")  # SumUp's own transaction shows it
    FAILED = "failed", _("refused")  # SumUp refused for good; a person decides
    CANCELLED = "cancelled", _("cancelled")  # taken back before SumUp was asked


OPEN_REFUND_STATES = (RefundState.REQUESTED, RefundState.SENT, RefundState.WAITING)
"""Money that is to go back and has neither gone nor been given up."""


class RefundOrigin(models.TextChoices):
    STAFF = "staff", _("asked for by staff")
    AUTOMATIC = "automatic", _("money without seats, by setting")
    DASHBOARD = "dashboard", _("made in SumUp's dashboard")
    CHARGE_BACK = "charge_back", _("charge back")


OUTSIDE_ORIGINS = (RefundOrigin.DASHBOARD, RefundOrigin.CHARGE_BACK)
"""Money that went back without anybody asking us."""


class MovementKind(models.TextChoices):
    """SumUp's own words: the first three are the types of its history, the others those of its payouts."""

    PAYMENT = "PAYMENT", _("payment")
    REFUND = "REFUND", _("refund")
    CHARGE_BACK = "CHARGE_BACK", _("charge back")
    PAYOUT = "PAYOUT", _("payout")
    CHARGE_BACK_DEDUCTION = "CHARGE_BACK_DEDUCTION", _("deducted: charge back")
    REFUND_DEDUCTION = "REFUND_DEDUCTION", _("deducted: refund")
    DD_RETURN_DEDUCTION = "DD_RETURN_DEDUCTION", _("deducted: returned direct debit")
    BALANCE_DEDUCTION = "BALANCE_DEDUCTION", _("deducted: balance")


class DiscrepancyKind(models.TextChoices):
    UNMATCHED = "unmatched", _("payment without order")
    MISSING = "missing", _("not in SumUp's list")
    AMOUNT = "amount", _("other amount")
    STATUS = "status", _("other status")
    DOUBLE = "double", _("paid twice")
    UNFULFILLED = "unfulfilled", _("paid, no tickets")
    REFUND = "refund", _("refund differs")
    BY_HAND = "by_hand", _("by hand, not yet proved")


class DiscrepancyState(models.TextChoices):
    OPEN = "open", _("open")
    EXPLAINED = "explained", _("explained by staff")
    CLEARED = "cleared", _("cleared by itself")


class Explanation(models.TextChoices):
    """How staff closed a discrepancy."""

    ACCEPTED = "accepted", _("accepted")
    NOT_OURS = "not_ours", _("not ours")
    REFUNDED = "refunded", _("refunded")


class Severity(models.TextChoices):
    CRITICAL = "critical", _("critical")  # mailed at once
    NOTICE = "notice", _("notice")  # mailed in the next digest


class CycleKind(models.TextChoices):
    POLL = "poll", _("looking at payments")
    WATCH = "watch", _("watching for payments")
    SWEEP = "sweep", _("walking SumUp's list")
    REFUNDS = "refunds", _("carrying out refunds")
    BACK = "back", _("watching for money that goes back")
