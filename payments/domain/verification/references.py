"""Our name for one attempt at SumUp, where it is used once for ever."""

import secrets

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
RANDOM_PART = 6


def new_reference(subject):
    """`<subject>-<6 random>`, at most 64 characters (contract notes 2.2)."""
    return f"{subject}-{''.join(secrets.choice(ALPHABET) for _ in range(RANDOM_PART))}"
