"""A first hold, and a browser that keeps no cookie: it holds no seats, and whoever sits before it hears why.

The way from a first hold to the checkout carries a key. Who comes with the cookie has no use for it; who comes without
gives the seats back at once, since nobody could ever order them. The key is good for as long as that way may take, and
opens nothing. It costs a browser with cookies no query, and no step.
"""

from urllib.parse import urlencode

from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from ticketing.domain.stock import holds as baskets
from ticketing.models import Basket

PATIENCE = 120  # seconds from the hold to the checkout page, on a slow network too
SALT = "ticketing.first-hold"


def checkout_after_first(basket):
    key = TimestampSigner(salt=SALT).sign(str(basket.pk))
    return f"{reverse('ticketing:checkout')}?{urlencode({'key': key})}"


def release_unkept(request):
    """The page whose tickets were held a moment ago by this visitor, who has no cookie of it; None for anybody else.
    Gives the seats back."""
    try:
        number = TimestampSigner(salt=SALT).unsign(request.GET.get("key", ""), max_age=PATIENCE)
    except BadSignature:
        return None
    basket = Basket.objects.filter(pk=number).first()
    line = basket and basket.lines.select_related("ticket_type__sale__page").first()
    if not line:
        return None
    baskets.empty_basket(basket)
    return line.ticket_type.sale.page
