"""A visitor in a few words: what the tests of the buyer's pages do again and again."""

from django.urls import reverse

from ticketing.models import Order


def hold_url(ticket_type):
    return reverse("ticketing:hold", args=[ticket_type.sale_id])


def hold(client, ticket_type, quantity=2, **data):
    """Posts the buy box's form."""
    return client.post(hold_url(ticket_type), {f"qty-{ticket_type.pk}": quantity} | data)


DETAILS = {"name": "Ana Vautier", "email": "ana@example.je", "terms": "on", "group": "site"}


def check_out(client, **data):
    return client.post(reverse("ticketing:checkout"), DETAILS | data)


def buy(client, ticket_type, quantity=2, **data):
    """Hold and check out; returns the order."""
    assert hold(client, ticket_type, quantity).status_code == 303
    response = check_out(client, **data)
    assert response.status_code == 303, response.content.decode()
    return Order.objects.latest("pk")


def order_url(order, name="order", *args):
    return reverse(f"ticketing:{name}", args=[order.reference, order.token, *args])
