"""Pages, legal texts and ticket types that orders need: refused, in words, when somebody would delete or hide them."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from events_pages.enums import LegalKind
from events_pages.models import LegalPage
from ticketing.admin.viewsets import BOUGHT, TicketTypeViewSet
from ticketing.models import BasketLine, CheckIn, EventSale, Order, OrderLine, TicketType

SOLD = _("Tickets are on sale or sold here, so this cannot be deleted. Unpublish it, or cancel the event, instead.")
ACCEPTED = _("Buyers have accepted this text, so it stays readable: publish a newer version beside it instead.")


def has_sales_below(pages):
    """Or scans of a date that sold nothing: they are kept too."""
    return any(
        EventSale.objects.filter(page__path__startswith=page.path).exists()
        or CheckIn.objects.filter(performance__page__path__startswith=page.path).exists()
        for page in pages
    )


def is_accepted_text(texts):
    orders = Order.objects.filter(terms_version=OuterRef("version"))
    return texts.filter(Exists(orders), kind=LegalKind.TERMS).exists()


def has_accepted_text_below(pages):
    return any(is_accepted_text(LegalPage.objects.filter(path__startswith=page.path)) for page in pages)


def why_not_deleted(pages):
    if has_sales_below(pages):
        return SOLD
    return ACCEPTED if has_accepted_text_below(pages) else ""


def why_not_unpublished(pages):
    return ACCEPTED if is_accepted_text(LegalPage.objects.filter(pk__in=[page.pk for page in pages])) else ""


def refuse_with(request, why, *to):
    """None where nothing is wrong, so that Wagtail goes on."""
    if not why:
        return None
    messages.error(request, why)
    return redirect(*to)


@hooks.register("before_delete_page")
def keep_pages_that_orders_need(request, page):
    return refuse_with(request, why_not_deleted([page]), "wagtailadmin_pages:edit", page.pk)


@hooks.register("before_unpublish_page")
def keep_accepted_texts_readable(request, page):
    return refuse_with(request, why_not_unpublished([page]), "wagtailadmin_pages:edit", page.pk)


@hooks.register("before_bulk_action")
def keep_pages_that_orders_need_in_bulk(request, action_type, objects, action_class_instance):
    why_not = {"delete": why_not_deleted, "unpublish": why_not_unpublished}.get(action_type)
    pages = [row for row in objects if hasattr(row, "path")]
    return refuse_with(request, why_not(pages) if why_not else "", "wagtailadmin_explore_root")


@hooks.register("before_bulk_action")
def keep_types_that_somebody_has(request, action_type, objects, action_class_instance):
    types = [row.pk for row in objects if isinstance(row, TicketType)]
    if action_type != "delete" or not types:
        return None
    is_taken = any(model.objects.filter(ticket_type__in=types).exists() for model in (OrderLine, BasketLine))
    return refuse_with(request, BOUGHT if is_taken else "", TicketTypeViewSet().get_url_name("list"))
