"""Links by which a person reaches their own orders and data: who is sent one, and how it is signed."""

from datetime import timedelta

from django.core.signing import BadSignature, Signer, TimestampSigner
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.text.email_addresses import readable_email
from ticketing.domain.messages import outbox
from ticketing.domain.privacy.personal_data import orders_of_email
from ticketing.enums import DeliveryKind
from ticketing.models import Order

ACCESS_KEY_LIFE = timedelta(hours=24)
SALT = "ticketing.my-data"
SELDOM_PAUSE = timedelta(minutes=10)


def request_order_links(email, *, seldom=False):
    """Owes one e-mail with the links of every order of this address, at most once a minute; nothing for an address that
    is not known. The caller must answer everybody alike.

    `seldom`, for an address that is asked about very often: within SELDOM_PAUSE of the last one it is owed at the end
    of that pause. So nobody's inbox is filled, and whoever asks gets one.
    """
    _request_mail(email, DeliveryKind.LINKS, seldom)


def request_personal_data_link(email, *, seldom=False):
    _request_mail(email, DeliveryKind.PERSONAL_DATA, seldom)


def _request_mail(email, kind, seldom):
    order = orders_of_email(email).first()
    if order is None:
        return
    if not seldom:
        outbox.owe_delivery_again(order, kind)
    elif not outbox.owe_delivery_again(order, kind, pause=SELDOM_PAUSE):
        outbox.owe_delivery_after(order, kind, pause=SELDOM_PAUSE)


def make_access_key(order):
    """What a link to somebody's data carries: the order's number and the time, signed, in one case. No address, so that
    no log has one."""
    return _signer(order.buyer_email).sign(f"{order.pk}.{int(timezone.now().timestamp())}")


def read_access_key(key):
    """The address of whoever got this link, "" when it is older than a day or not ours, or the address has changed."""
    number = key.partition(".")[0]
    order = Order.objects.filter(pk=number[:18], erased_at=None).first() if number.isdecimal() else None
    return order.buyer_email if order and (_is_valid_key(key, order) or _is_valid_old_key(key, order)) else ""


def _is_valid_key(key, order):
    try:
        _number, _point, made_at = _signer(order.buyer_email).unsign(key).partition(".")
    except BadSignature:
        return False
    return made_at.isdecimal() and timezone.now().timestamp() - int(made_at) <= ACCESS_KEY_LIFE.total_seconds()


def _is_valid_old_key(key, order):
    """Of the release before, whose signature told upper from lower case: none is left a day after the upgrade."""
    try:
        return bool(TimestampSigner(salt=_salt(order.buyer_email), sep=".").unsign(key, max_age=ACCESS_KEY_LIFE))
    except BadSignature:
        return False


class HexSigner(Signer):
    """Signs in digits and the letters a to f, so that a link opens in any case."""

    def signature(self, value, key=None):
        secret = self.key if key is None else key
        return salted_hmac(f"{self.salt}signer", value, secret, algorithm=self.algorithm).hexdigest()


def _signer(email):
    return HexSigner(salt=_salt(email), sep=".")


def _salt(email):
    return f"{SALT}:{readable_email(email).lower()}"
