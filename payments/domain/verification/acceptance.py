"""Acceptance of a paid checkout: is it exactly what we asked for?"""

from django.utils.translation import gettext as _

from payments.enums import CheckoutStatus


def find_problem(payment, checkout):
    """Empty when all is well, else plain words for staff: what we expected and what the provider said.

    PAID, with our id, reference, merchant, currency and Decimal amount (pounds), and exactly one SUCCESSFUL
    transaction, which is the checkout's own (contract notes 2.4).
    """
    return " ".join([*_differences(payment, checkout), *_transaction_problems(checkout)])


def _differences(payment, checkout):
    compared = [
        (_("status"), CheckoutStatus.PAID.value, checkout.status),
        (_("checkout"), payment.checkout_id or checkout.id, checkout.id),
        (_("reference"), payment.reference, checkout.reference),
        (_("merchant"), payment.merchant.merchant_code, checkout.merchant_code),
        (_("currency"), payment.currency, checkout.currency),
        (_("amount"), payment.amount, checkout.amount),
    ]
    sentence = _("The %(what)s differs: we expected %(ours)s, SumUp says %(theirs)s.")
    return [
        sentence % {"what": what, "ours": ours, "theirs": theirs} for what, ours, theirs in compared if ours != theirs
    ]


def _transaction_problems(checkout):
    successes = checkout.successes
    if not successes:
        return [_("SumUp calls the checkout paid but shows no successful transaction.")]
    if len(successes) > 1:
        codes = ", ".join(success.code or success.id for success in successes)
        return [_("SumUp shows more than one successful transaction: %(codes)s.") % {"codes": codes}]
    if successes[0].id != checkout.transaction_id:
        return [_("The successful transaction is not the one SumUp names in the checkout.")]
    return []
