"""The sales mode: the site sells to everybody, to people with an invitation, or as a trial in which nothing is really
paid."""

from django.conf import settings

OPEN, INVITED, SANDBOX = MODES = ("open", "invited", "sandbox")


def is_by_invitation():
    return settings.SELLING == INVITED


def is_trial():
    """Only sandbox accounts are paid, and every page and mail says that it is a test."""
    return settings.SELLING == SANDBOX
