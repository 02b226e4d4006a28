"""The buyer's only two cookies, both set with the first hold, and browsers that keep none.

`basket` is the random token of the basket, unreadable for scripts. `basket_until` is the end of the hold (epoch
seconds): a script on a cached page knows by it, without a request, that there is nothing to count.

The address of the checkout after a first hold carries a key, valid for PATIENCE. Who arrives with it and without the
cookie can never order, so the seats go back at once. It opens nothing, and costs a browser with cookies no query.
"""

import re
import time
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from ticketing.domain.stock import basket_contents, holds
from ticketing.models import Basket

BASKET = settings.BASKET_COOKIE_NAME
UNTIL = "basket_until"
LIFE = 24 * 60 * 60  # seconds: long enough to come back the same day and take the same seats again
TOKEN = re.compile(r"[\w-]{16,32}", re.ASCII)
EPOCH = re.compile(r"\d{1,12}", re.ASCII)
PATIENCE = 120  # seconds from the first hold to the checkout page, on a slow network too
SALT = "ticketing.first-hold"


def find_visitor_basket(request):
    """The visitor's basket, or None; also for a cookie that is no token."""
    return basket_contents.find_basket(read_basket_token(request))


def find_visitor_basket_and_lines(request):
    return basket_contents.find_basket_and_lines(read_basket_token(request))


def read_basket_token(request):
    token = request.COOKIES.get(BASKET, "")
    return token if TOKEN.fullmatch(token) else ""


def set_basket_cookie(response, request, basket, *, until):
    """`until` is the end of the hold, None when nothing is held."""
    common = {"max_age": LIFE, "samesite": "Lax", "secure": request.is_secure()}
    response.set_cookie(BASKET, basket.token, httponly=True, **common)
    if until:
        response.set_cookie(UNTIL, str(int(until.timestamp())), **common)
    else:
        response.delete_cookie(UNTIL, samesite="Lax")
    return response


def has_hold_cookie(request):
    """By the cookie alone: costs no query."""
    until = request.COOKIES.get(UNTIL, "")
    return EPOCH.fullmatch(until) is not None and int(until) > time.time()


def checkout_url_with_key(basket):
    key = TimestampSigner(salt=SALT).sign(str(basket.pk))
    return f"{reverse('ticketing:checkout')}?{urlencode({'key': key})}"


def release_hold_without_cookie(request):
    """Gives back the seats that this visitor, who keeps no cookie, held a moment ago. Returns the page they were for,
    or None."""
    try:
        number = TimestampSigner(salt=SALT).unsign(request.GET.get("key", ""), max_age=PATIENCE)
    except BadSignature:
        return None
    basket = Basket.objects.filter(pk=number).first()
    line = basket and basket.lines.select_related("ticket_type__sale__page").first()
    if not line:
        return None
    holds.empty_basket(basket)
    return line.ticket_type.sale.page
