"""To whom the site sells: everybody, people with an invitation, or nobody really, because it is being tried out."""

from django.conf import settings

OPEN, INVITED, SANDBOX = MODES = ("open", "invited", "sandbox")


def is_by_invitation():
    return settings.SELLING == INVITED


def is_trial():
    """Only sandbox accounts are paid, and every page and mail says that it is a test."""
    return settings.SELLING == SANDBOX
