"""What was owed when the release came is not forgotten."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from payments.enums import Severity
from payments.models import Alert
from tests import factories
from ticketing.enums import DeliveryKind, OrderState
from ticketing.models import Delivery

pytestmark = pytest.mark.django_db


def test_alerts_that_were_still_owed_move_to_rows_of_their_own():
    review = factories.make_order(state=OrderState.REQUIRES_MANUAL_REVIEW, review_reason="The amount differs.")
    expired = factories.make_order(state=OrderState.EXPIRED)
    now = timezone.now()
    for order, kind, owed in [
        (review, "review_alert", now),
        (expired, "expired_digest", None),
        (expired, DeliveryKind.EXPIRY, now),
    ]:
        Delivery.objects.create(order=order, kind=kind, requested_at=now, next_attempt_at=owed)
    import_module("ticketing.migrations.0003_alerts").move(apps, None)
    told = Alert.objects.get()
    assert (told.severity, told.text) == (Severity.CRITICAL, "The amount differs.")
    assert told.next_attempt_at
    assert Delivery.objects.get().kind == DeliveryKind.EXPIRY


def test_addresses_kept_as_they_were_typed_get_the_one_spelling():
    order = factories.make_order(buyer_email="Ana@BÜCHER.example")
    right = factories.make_order(buyer_email="bob@example.je")
    Delivery.objects.create(
        order=order, kind=DeliveryKind.ADDRESS_CHANGED, requested_at=timezone.now(), recipient="ana@Example.je\u200b"
    )
    import_module("ticketing.migrations.0007_one_spelling").respell(apps, None)
    order.refresh_from_db()
    right.refresh_from_db()
    assert (order.buyer_email, right.buyer_email) == ("Ana@xn--bcher-kva.example", "bob@example.je")
    assert order.deliveries.get().recipient == "ana@example.je"
