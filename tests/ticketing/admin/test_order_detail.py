"""The admin's page of one order, as its organiser reads it."""

import re

import pytest
from django.urls import reverse

from payments.enums import RefundOrigin
from payments.models import Payment
from tests.payments.factories import make_refund
from tests.stories import make_paid_order, make_staff

pytestmark = pytest.mark.django_db

ROW = re.compile(r"<td>£5\.00</td>.*?</tr>", re.DOTALL)


def read_refund_row(client, origin):
    order = make_paid_order()
    make_refund(Payment.objects.get(subject=order.reference), amount="5.00", origin=origin)
    client.force_login(make_staff("ana", order.lines.get().sale.page, "refund_order"))
    page = client.get(reverse("orders:inspect", args=[order.pk])).text
    return [" ".join(cell.split()) for cell in re.findall(r"<td>(.*?)</td>", ROW.search(page)[0], re.DOTALL)]


@pytest.mark.parametrize(
    ("origin", "words"),
    [(RefundOrigin.DASHBOARD, "made in SumUp&#x27;s dashboard"), (RefundOrigin.CHARGE_BACK, "charge back")],
)
def test_a_refund_made_elsewhere_says_where(client, origin, words):
    assert read_refund_row(client, origin)[2] == words


def test_a_refund_of_ours_without_tickets_is_for_none(client):
    assert read_refund_row(client, RefundOrigin.AUTOMATIC)[2] == "–"
