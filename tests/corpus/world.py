"""Rows of everything, one event of them in public, and where all of it is shown."""

from django.contrib.auth.models import User
from django.urls import reverse
from wagtail.models import get_page_models

from tests import factories
from tests.architecture.walk import world as walked
from tests.architecture.walk.addresses import every_address
from tests.architecture.walk.expectations import EXPECTED, NOBODY, PUBLIC
from tests.architecture.walk.walking import Browser
from ticketing.domain.privacy import personal_data

SNIPPETS = ("ticketing_eventsale", "ticketing_tickettype", "events_pages_venue", "events_pages_organiser")


def make_world():
    """The rows of one organiser, of which the pages of an event that is in public and on sale are the fresh ones."""
    index = factories.make_index()
    factories.make_poster()
    rows = walked.make_organiser("Hawthorn", index)
    rows |= {"index": index, "bought": rows["order"], "site": index.get_site()}
    rows |= {"token": rows["order"].token, "key": personal_data.key_of(rows["order"])}
    rows["event"] = factories.make_event("Sea Shanties", organiser=rows["organiser"], venue=rows["venue"])
    rows["shown_sale"] = factories.make_sale(rows["event"])
    rows["shown_type"] = factories.make_type(rows["shown_sale"], price="0.00")
    rows["shown_order"] = factories.make_order(rows["shown_type"])
    return rows


def make_clients(rows):
    """An administrator, and a buyer with something in the basket."""
    administrator, buyer = Browser(), Browser()
    rows["administrator"] = User.objects.create_superuser("administrator", "administrator@example.je")
    administrator.force_login(rows["administrator"])
    held = buyer.generic(
        "POST",
        reverse("ticketing:hold", args=[rows["shown_sale"].pk]),
        data=f"qty-{rows['shown_type'].pk}=1",
        content_type="application/x-www-form-urlencoded",
    )
    assert held.status_code == 303, held.content
    return {"administrator": administrator, "buyer": buyer}


def edited_first(rows):
    """The forms of what is in public."""
    pages = [rows["event"], rows["index"], rows["index"].get_parent()]
    yield from (reverse("wagtailadmin_pages:edit", args=[each.pk]) for each in pages)
    shown = (rows["shown_sale"], rows["shown_type"], rows["venue"], rows["organiser"])
    for name, row in zip(SNIPPETS, shown, strict=True):
        yield reverse(f"wagtailsnippets_{name}:edit", args=[row.pk])
    for model in get_page_models():
        for parent in {rows["index"], rows["index"].get_parent()}:
            if model.can_create_at(parent.specific):
                own = (model._meta.app_label, model._meta.model_name)
                yield reverse("wagtailadmin_pages:add", args=[*own, parent.pk])


def addresses_of(rows):
    """(role, address) of all, the public ones as buyer."""
    for path in edited_first(rows):
        yield "administrator", path
    order = rows["shown_order"]
    own = {"reference": order.reference, "token": order.token}
    for name in ("order", "order-address", "order-cancel", "order-pdf", "order-calendar", "order-status"):
        yield "buyer", reverse(f"ticketing:{name}", kwargs=own)
    yield from (("buyer", page.url) for page in (rows["event"], rows["page"], rows["index"].get_parent()))
    for each in every_address(rows):
        if EXPECTED[each.name] == PUBLIC:
            yield "buyer", each.path
        elif EXPECTED[each.name] != NOBODY and not each.name.endswith("_results"):
            yield "administrator", each.path
