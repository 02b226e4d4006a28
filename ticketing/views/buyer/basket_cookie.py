"""The only two cookies of a buyer, both set with the first hold.

`basket` is the random token of the basket, unreadable for scripts. `basket_until` says when the hold ends (epoch
seconds) so that a script on a cached page knows without a request that there is nothing to count.
"""

import re
import time

from django.conf import settings

from ticketing.domain.stock import holds as baskets

BASKET = settings.BASKET_COOKIE_NAME
UNTIL = "basket_until"
LIFE = 24 * 60 * 60  # seconds: long enough to come back the same day and take the same seats again
TOKEN = re.compile(r"[\w-]{16,32}", re.ASCII)
EPOCH = re.compile(r"\d{1,12}", re.ASCII)


def find_basket(request):
    """The visitor's basket or None. Rubbish in the cookie is as good as no cookie."""
    token = request.COOKIES.get(BASKET, "")
    return baskets.get(token) if TOKEN.fullmatch(token) else None


def set_basket_cookie(response, request, basket, *, until):
    """Ties the visitor to the basket; `until` is the end of its hold, None when nothing is held."""
    common = {"max_age": LIFE, "samesite": "Lax", "secure": request.is_secure()}
    response.set_cookie(BASKET, basket.token, httponly=True, **common)
    if until:
        response.set_cookie(UNTIL, str(int(until.timestamp())), **common)
    else:
        response.delete_cookie(UNTIL, samesite="Lax")
    return response


def has_hold_cookie(request):
    """Whether the companion cookie says that something is still held: costs no query."""
    until = request.COOKIES.get(UNTIL, "")
    return EPOCH.fullmatch(until) is not None and int(until) > time.time()
