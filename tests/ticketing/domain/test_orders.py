from tests.factories import make_type
from ticketing.domain import basket as baskets
from ticketing.domain import orders
from ticketing.enums import OrderState

BUYER = {"name": "Ana Vibert", "email": "ana@example.je", "terms_version": "2026-01", "ip": "192.0.2.1"}


def test_free_order_completes_at_once(db, django_capture_on_commit_callbacks):
    adult = make_type(price="0.00")
    basket = baskets.hold(None, sale=adult.sale, quantities={adult.pk: 2})
    order = orders.place_order(basket, merchant_group_key="site", **BUYER)
    assert order.state == OrderState.COMPLETED
    assert order.lines.get().tickets.count() == 2
    assert order.deliveries.count() == 1
