"""The causes of a review in words for the buyer, from the rows as they are now."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.domain.refunds.amounts import collected_amount
from payments.enums import TAKEN_FOR_PAID
from payments.money import ZERO
from ticketing.enums import ReviewCause


@dataclass(frozen=True)
class ReviewWords:
    """`title` and `what` happened; then what becomes of it while there are no tickets, and while there are."""

    title: Promise
    what: Promise
    without_tickets: Promise
    with_tickets: Promise


DECIDED = _("Somebody has been told and will decide: you get your tickets, or your money back.")
NOTHING_TO_DO = _("Your tickets stay valid, and you need not do anything.")
TOO_MUCH_BACK = _("Your tickets stay valid. What was paid too much goes back to you, and you need not do anything.")

WORDS_OF_CAUSE = {
    ReviewCause.LATE: ReviewWords(
        _("Your payment came late"),
        _("SumUp has told us of your payment, but it arrived after your tickets had gone back on sale."),
        _("Somebody has been told and will decide: you get your tickets if there is still room, or your money back."),
        NOTHING_TO_DO,
    ),
    ReviewCause.TWICE: ReviewWords(
        _("You have paid more than once"),
        _("SumUp has told us of more than one payment for this order."),
        _("Somebody has been told. What was paid too much goes back to you; you need not do anything."),
        TOO_MUCH_BACK,
    ),
    ReviewCause.DIFFERENT: ReviewWords(
        _("Your payment does not match this order"),
        _("SumUp has told us of your payment, but what it shows is not exactly what this order asked for."),
        DECIDED,
        NOTHING_TO_DO,
    ),
    ReviewCause.UNCERTAIN: ReviewWords(
        _("We could not find out whether you have paid"),
        _("SumUp has not told us what became of the payment for this order."),
        _("Somebody has been told and finds out. If you have paid, you get your tickets, or your money back."),
        NOTHING_TO_DO,
    ),
    ReviewCause.AGAIN: ReviewWords(
        _("You paid after your money had gone back"),
        _("The money of this order had been returned, and then SumUp told us of another payment for it."),
        DECIDED,
        NOTHING_TO_DO,
    ),
    ReviewCause.PART_BACK: ReviewWords(
        _("Part of your payment has gone back"),
        _("Part of your payment was returned to you before we could hand out the tickets."),
        DECIDED,
        NOTHING_TO_DO,
    ),
}


def find_review_cause(order, balance):
    taken = [payment for payment in balance.payments if payment.state in TAKEN_FOR_PAID]
    left = [payment for payment in taken if _refunded_amount(payment, balance) < collected_amount(payment)]
    if not taken:
        return ReviewCause.UNCERTAIN
    if len(left) > 1:
        return ReviewCause.TWICE
    if len(left) < len(taken):
        return ReviewCause.AGAIN
    if left[0].problem or (left[0].amount, left[0].currency) != (order.total, order.currency):
        return ReviewCause.DIFFERENT
    return ReviewCause.PART_BACK if _refunded_amount(left[0], balance) else ReviewCause.LATE


def get_review_words(order, balance):
    return WORDS_OF_CAUSE[find_review_cause(order, balance)]


def _refunded_amount(payment, balance):
    return sum((refund.amount for refund in balance.returned if refund.payment_id == payment.pk), ZERO)
