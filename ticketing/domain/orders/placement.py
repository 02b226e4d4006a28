"""Placement: a basket becomes an order, the order is paid or cancelled."""

import logging
import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.http.network_addresses import home_network, neighbour_network
from common.text.email_addresses import normalise_email
from common.text.typed_codes import REFERENCE_LENGTH, REFERENCE_LETTERS
from common.text.typed_text import tidy_line
from payments.domain.merchants import status
from payments.domain.verification import checkout
from payments.models import Payment
from payments.money import ZERO
from ticketing.domain.accounting import gst
from ticketing.domain.catalogue import availability, pricing
from ticketing.domain.errors import DateChanged, HoldExpired, NotAName, NotCancellable, NothingToOrder, NotOnSale
from ticketing.domain.orders import buyer_name, fulfilment
from ticketing.domain.stock import basket_contents, basket_dates, holds, order_seats
from ticketing.enums import OrderState
from ticketing.models import Order, OrderLine, seat_statements

logger = logging.getLogger(__name__)

TIME_TO_PAY = timedelta(minutes=15)
MOST_TRIES = 3  # while another form of the same visitor changes the basket


class _LinesMoved(Exception):
    """What was read of the basket is not what it holds now."""


def generate_reference():
    """39 random bits: not to be guessed, but no secret."""
    return "JE-" + "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(REFERENCE_LENGTH))


def place_order(basket, *, merchant_group_key, name, email, terms_version, ip, reads=None, dates_seen="", lines=None):
    """Turns the basket's lines of one merchant into an order, all or none; their seats stay counted throughout.
    `lines` are those of the basket where the caller has just read them.

    An order to be paid gets a Payment and a deadline, the later of the hold's end and TIME_TO_PAY from now; the caller
    starts the checkout after commit. A free one is complete at once. A repeated form gets the order that the first one
    placed. `reads(page)` says whether the buyer may see the page; None asks nobody. `dates_seen` is the digest of the
    dates that the buyer was shown; "" compares nothing.
    Raises NothingToOrder, NotAName, HoldExpired, NotOnSale, DateChanged, LimitExceeded; nothing has changed then.
    """
    if basket is None:
        raise NothingToOrder
    if why := buyer_name.why_not_a_name(name):
        raise NotAName(why)
    place = basket.address or home_network(ip)  # the seats go on counting where they were held
    buyer = {
        "buyer_name": tidy_line(name),
        "buyer_email": normalise_email(email),
        "terms_version": terms_version,
        "accepted_from": ip,
        "place": place,
        "network": neighbour_network(place),
        "basket_token": basket.token,
    }
    lines = basket_contents.list_basket_lines(basket) if lines is None else lines
    for _again in range(MOST_TRIES):
        try:
            return _place_order(basket, lines, merchant_group_key, buyer, reads, dates_seen)
        except _LinesMoved:
            lines = basket_contents.list_basket_lines(basket)
        except IntegrityError:
            # Once in a million orders the new reference is somebody else's: the second one is not.
            logger.warning("order.again basket=%s", basket.pk)
    raise NothingToOrder


def cancel_order(order, *, by=None):
    """Cancels an unpaid order, for the buyer or for `by` of the staff, and gives its seats back.

    First SumUp has to confirm that it can no longer be paid, so this talks HTTP: never call it in a transaction.
    Raises NotCancellable.
    """
    if order.state != OrderState.PENDING_VERIFICATION:
        raise NotCancellable
    for payment in _open_payments(order):
        if not checkout.close_payment(payment):
            raise NotCancellable(_("A payment for this order is on its way, so it cannot be cancelled now."))
    with transaction.atomic():
        lines = order_seats.lock_order_and_sales(order)
        if _open_payments(order).exists() or not fulfilment.end_unpaid_order(order, lines, OrderState.CANCELLED, by=by):
            raise NotCancellable


def start_or_resume_payment(order):
    """Where the buyer can pay now; "" when there is nothing to pay any more.

    Starts the checkout if that failed before, so this may talk HTTP: never call it in a transaction.
    Raises `payments.domain.verification.checkout.NotStarted`.
    """
    if order.state != OrderState.PENDING_VERIFICATION or order.deadline <= timezone.now():
        return ""
    payment = _lock_payment_to_pay(order)
    if payment is None:
        return ""
    if not payment.hosted_url:
        payment = checkout.start_payment(payment)
    return payment.hosted_url


def start_first_payment(order):
    """As `start_or_resume_payment`, right after `place_order` gave the order: what it wrote is not read again."""
    if payment := getattr(order, "first_payment", None):
        return checkout.start_new_payment(payment).hosted_url
    return start_or_resume_payment(order)


@transaction.atomic
def _place_order(basket, lines, key, buyer, reads, dates_seen):
    now = timezone.now()
    lines = [line for line in lines if basket_contents.merchant_group_key(line.ticket_type.sale) == key]
    if not lines:
        return _find_earlier_order(basket, key)
    for of_sale in _group_by_sale(lines):
        _check_sellable(of_sale, now, reads)
    if dates_seen and dates_seen != basket_dates.digest_dates(lines):
        raise DateChanged
    if not holds.claim_ordered_lines(lines[0].basket, lines):
        raise _LinesMoved
    order, order_lines = _write_order(lines, key, buyer, now)
    if order.is_free:
        fulfilment.complete_new_order(order, order_lines)
    else:
        order.first_payment = _prepare_payment(order)
    return order


def _find_earlier_order(basket, key):
    orders = Order.objects.filter(basket_token=basket.token).select_related("merchant").order_by("-pk")
    for order in orders.prefetch_related("lines__sale__merchant"):
        if any(basket_contents.merchant_group_key(line.sale) == key for line in order.lines.all()):
            return order
    raise NothingToOrder


def _group_by_sale(lines):
    sales = {}
    for line in lines:
        sales.setdefault(line.ticket_type.sale_id, []).append(line)
    return sales.values()


def _check_sellable(lines, now, reads):
    # What is held may be bought after sales have closed; what is held no longer must still be for sale.
    types = {line.ticket_type_id: line.ticket_type for line in lines}
    if any(line.expires_at is None for line in lines):
        raise HoldExpired
    availability.check_page_reader(lines[0].ticket_type.sale.page, reads)
    if reason := availability.why_sale_stopped(lines[0].ticket_type.sale):
        raise NotOnSale(reason)
    if ended := [line.ticket_type for line in lines if line.expires_at <= now]:
        availability.check_on_sale(ended, now=now)
    availability.check_order_limits(quantities={line.ticket_type_id: line.quantity for line in lines}, types=types)


def _write_order(lines, key, buyer, now):
    total = sum((line.total for line in lines), ZERO)
    merchant = basket_contents.merchant_of_group(key, lines)
    if total and merchant is None:
        raise NotOnSale(_("Card payments are not set up for this event yet."))
    if total and (closed := pricing.why_trial_refuses(merchant.sandbox) or status.closed_reason(merchant)):
        raise NotOnSale(closed)
    order = Order(
        reference=generate_reference(),
        merchant=merchant,
        total=total,
        currency=merchant.currency if merchant else "GBP",
        accepted_at=now,
        deadline=max([now + TIME_TO_PAY, *(line.expires_at for line in lines)]),
        **({} if total else {"state": OrderState.COMPLETED, "completed_at": now}),
        **buyer,
    )
    order_lines = [_copy_line(order, line, now) for line in lines]
    _insert_order(order, order_lines)
    logger.info("order.placed order=%s lines=%d total=%s", order.reference, len(lines), total)
    return order, order_lines


def _insert_order(order, order_lines):
    if seat_statements.is_supported():
        seat_statements.insert_together(order, order_lines, link="order")
        return
    order.save(force_insert=True)
    for line in order_lines:
        line.order = order
    OrderLine.objects.bulk_create(order_lines)


def _copy_line(order, line, now):
    sale = line.ticket_type.sale
    tax = gst.gst_of_basket_line(line, on=timezone.localdate(now))
    return OrderLine(
        order=order,
        ticket_type=line.ticket_type,
        sale=sale,
        quantity=line.quantity,
        allocated=line.quantity,
        unit_price=line.unit_price,
        unit_fee=line.unit_fee,
        gst_rate=tax.rate,
        gst_number=tax.number,
        event_title=sale.page.title,
        type_name=line.ticket_type.name,
        sale_name=sale.date_name,
        venue=sale.place,
        starts_at=sale.starts_at,
        doors_at=sale.doors_at,
    )


def _prepare_payment(order):
    return checkout.prepare_payment(
        subject=order.reference,
        amount=order.total,
        merchant=order.merchant,
        description=_("Tickets, order %(reference)s") % {"reference": order.reference},
        redirect_url=order.full_url,
        deadline=order.deadline,
    )


def _open_payments(order):
    """Those that SumUp may still take money for, newest last."""
    attempts = Payment.objects.filter(subject=order.reference, closed_at=None).select_related("merchant")
    return attempts.order_by("pk")


@transaction.atomic
def _lock_payment_to_pay(order):
    """None when the order is paid; a fresh attempt when every earlier one is closed."""
    order = Order.objects.select_for_update(of=("self",)).select_related("merchant").get(pk=order.pk)
    if order.state != OrderState.PENDING_VERIFICATION or fulfilment.is_order_paid(order):
        return None
    return _open_payments(order).last() or _prepare_payment(order)
