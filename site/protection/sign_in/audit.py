"""The audit of signing in: a row for each attempt, with person, address, browser and outcome."""

import logging
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

from common.http.network_addresses import client_address
from protection.models import SignIn

logger = logging.getLogger(__name__)

KEPT = timedelta(days=180)
LONGEST_NAME = 150
LONGEST_AGENT = 200


def record_sign_in_event(outcome, *, request=None, user=None, username="", address=None, by=None):
    """By `user`, or by the `username` that was typed. The log gets the person's number alone: names and addresses stay
    in the table, which is emptied after KEPT."""
    user = user or _find_user(username)
    row = SignIn.objects.create(
        user=user,
        username=(user.get_username() if user else username)[:LONGEST_NAME],
        outcome=outcome,
        address=address or (client_address(request) if request else None),
        agent=user_agent_of(request) if request else "",
        by=by,
    )
    logger.info("signin.%s user=%s by=%s", outcome, user.pk if user else "-", by.pk if by else "-")
    return row


def user_agent_of(request):
    return request.headers.get("User-Agent", "").replace("\0", "")[:LONGEST_AGENT]


def _find_user(username):
    return get_user_model().objects.filter(username=username[:LONGEST_NAME]).first() if username else None


def is_new_address(user, address):
    before = SignIn.objects.filter(user=user, outcome__in=SignIn.SUCCESSES)
    return before.exists() and not before.filter(address=address).exists()


def delete_old_sign_ins():
    return SignIn.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
