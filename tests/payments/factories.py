"""A payment to start from, and the looks of it that tests take again and again."""

import os
import time
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils import timezone

from payments.domain.merchants import credentials
from payments.domain.verification import checkout
from payments.enums import MerchantKind, RefundState
from payments.models import MerchantAccount, Payment, Refund
from payments.sumup.bulkhead import PLACES, Bulkhead, Places
from payments.sumup.client import Client
from tests.factories import make_merchant


def make_bulkhead(name="MDEMO001"):
    return Bulkhead(settings.RUN_DIR, name)


def places_of(key=None, *, most=PLACES, most_here=PLACES):
    own = make_bulkhead()
    return Places(own.folder, key or own.key, most, most_here)


@contextmanager
def no_place_left(places=None):
    """As if requests had been waiting for a while for an answer about MDEMO001."""
    places = places or places_of()
    with ExitStack() as held:
        for _ in range(places.most):
            held.enter_context(closing(places.take()))
        for file in places.folder.glob(f"{places.key}.?"):
            os.utime(file, times=(0, time.time() - 60))
        yield


def make_client(**options):
    return Client(bulkhead=make_bulkhead(), **options)


def make_payment(subject="JE-TEST0001", *, amount="24.50", minutes=15, **fields):
    """Ours alone: SumUp does not know it yet. `minutes` until its deadline."""
    payment = checkout.prepare_payment(
        subject=subject,
        amount=Decimal(amount),
        merchant=fields.pop("merchant", None) or make_merchant(),
        description="2 tickets, Sea Shanties",
        redirect_url="http://testserver/tickets/orders/JE-TEST0001/token/",
        deadline=timezone.now() + timedelta(minutes=minutes),
    )
    return change(payment, **fields) if fields else payment


def make_open_payment(subject="JE-TEST0001", **fields):
    """With a checkout at the simulator, waiting for the payer."""
    payment = checkout.start_payment(make_payment(subject))
    return change(payment, **fields) if fields else payment


def change(payment, **fields):
    """As if time had passed or a process had died; never used for what the domain itself does."""
    Payment.objects.filter(pk=payment.pk).update(**fields)
    return fresh(payment)


def fresh(payment):
    return Payment.objects.select_related("merchant").get(pk=payment.pk)


def over(payment):
    """The deadline was a moment ago."""
    return change(payment, deadline=timezone.now() - timedelta(seconds=1), checked_at=None)


RETURN = "http://testserver/payments/sumup/connect/return/"


def make_grant(simulator, person="Ana"):
    """Tokens as SumUp gives them after the person has consented."""
    verifier, app = 48 * "v", credentials.get_oauth_app()
    page = app.authorize_url(redirect_uri=RETURN, state="s", verifier=verifier)
    code = parse_qs(urlsplit(simulator.consent(page, person)).query)["code"][0]
    return app.exchange(code=code, redirect_uri=RETURN, verifier=verifier)


def make_connected(simulator, person="Ana", code="MDEMO002", **fields):
    """A merchant whose tokens are alive at the simulator, its row as any worker would load it."""
    fields = {"name": "Gorey Castle Players", "kind": MerchantKind.OAUTH} | fields
    fields = credentials.build_token_columns(make_grant(simulator, person)) | fields
    return MerchantAccount.objects.create(merchant_code=code, **fields)


def make_refund(payment, *, amount=None, state=RefundState.PROVED, **fields):
    """As if asked for and, unless told otherwise, shown by SumUp; never used for what the domain itself does."""
    proved = state == RefundState.PROVED
    fields.setdefault("proved_at", timezone.now() if proved else None)
    fields.setdefault("event_id", f"event-{payment.pk}-{payment.refunds.count()}" if proved else "")
    return Refund.objects.create(
        merchant=payment.merchant,
        payment=payment,
        subject=payment.subject,
        transaction_id=payment.transaction_id or f"transaction-{payment.pk}",
        amount=payment.amount if amount is None else Decimal(amount),
        currency=payment.currency,
        state=state,
        **fields,
    )
