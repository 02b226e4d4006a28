"""A payment by any code that stands on a receipt, a statement or in SumUp's dashboard, however it was typed."""

import re

from django.db.models import Q

LONGEST = 64
APART = re.compile(r"[\W_]+")


def bare_code(text):
    """`jet-abcd 2345` -> `JETABCD2345`"""
    return APART.sub("", text[:LONGEST]).upper()


def subject_as_typed(text):
    """An order's reference, with its hyphen where people leave it out."""
    return f"JE-{bare_code(text).removeprefix('JE')}"


def has_code(text):
    """A filter for payments; each of the columns has an index."""
    typed, bare = text.strip()[:LONGEST], bare_code(text)
    at_sumup = Q(transaction_id=typed.lower()) | Q(checkout_id=typed.lower()) | Q(transaction_code=bare)
    ours = Q(subject=subject_as_typed(text)) | Q(reference__startswith=typed.upper())
    return (at_sumup | ours) if bare else Q(pk__in=[])
