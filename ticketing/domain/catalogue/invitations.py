"""Selling by invitation (decision 38): who has typed one of INVITATION_CODES may take tickets, everybody may look.

What is remembered of it is a mark: a keyed hash of the code, which tells nothing and ends with the code.
"""

import hmac

from django.conf import settings
from django.utils.crypto import salted_hmac

from common import sales_mode
from common.text.typed_codes import is_same_code

SALT = "ticketing.invitation"


def find_invitation_mark(typed):
    """The mark of the code that somebody typed, however they typed it; "" when it is none. In constant time."""
    found = ""
    for code in settings.INVITATION_CODES:
        if is_same_code(typed, code):
            found = code
    return _hash_invitation_code(found) if found else ""


def is_invited(mark):
    """Whether somebody with this mark may take tickets now. In constant time."""
    if not sales_mode.is_by_invitation():
        return True
    same = [
        hmac.compare_digest(_hash_invitation_code(code).encode(), mark.encode()) for code in settings.INVITATION_CODES
    ]
    return any(same)


def _hash_invitation_code(code):
    return salted_hmac(SALT, code, algorithm="sha256").hexdigest()
