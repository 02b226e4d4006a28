"""References of payments: made once for ever, and found again by whatever code somebody types."""

import secrets

from django.db.models import Q

from common.text.typed_codes import find_reference, find_typed_reference, tidy_code

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
RANDOM_PART = 6
LONGEST_TYPED = 64


def new_reference(subject):
    """`<subject>-<6 random>`, at most 64 characters (contract notes 2.2)."""
    return f"{subject}-{''.join(secrets.choice(ALPHABET) for _ in range(RANDOM_PART))}"


def possible_references(text):
    return {find_reference(text), find_typed_reference(text)} - {""}


def payment_code_filter(text):
    """For payments, by any code of a receipt, a statement or the provider's dashboard; each column has an index."""
    typed, bare = text.strip()[:LONGEST_TYPED], tidy_code(text[:LONGEST_TYPED])
    at_provider = Q(transaction_id=typed.lower()) | Q(checkout_id=typed.lower()) | Q(transaction_code=bare)
    ours = Q(subject__in=possible_references(text)) | Q(reference__startswith=typed.upper())
    return (at_provider | ours) if bare else Q(pk__in=[])
