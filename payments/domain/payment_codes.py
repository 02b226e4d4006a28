"""A payment by any code that stands on a receipt, a statement or in SumUp's dashboard, however it was typed."""

from django.db.models import Q

from common.text.typed_codes import find_reference, find_typed_reference, tidy_code

LONGEST = 64


def references_in(text):
    """What an order may be called that somebody means by this."""
    return {find_reference(text), find_typed_reference(text)} - {""}


def has_code(text):
    """A filter for payments; each of the columns has an index."""
    typed, bare = text.strip()[:LONGEST], tidy_code(text[:LONGEST])
    at_sumup = Q(transaction_id=typed.lower()) | Q(checkout_id=typed.lower()) | Q(transaction_code=bare)
    ours = Q(subject__in=references_in(text)) | Q(reference__startswith=typed.upper())
    return (at_sumup | ours) if bare else Q(pk__in=[])
