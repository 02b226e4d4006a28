"""What ticketing adds to Wagtail's admin."""

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect
from django.urls import include, path, re_path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from events_pages.enums import LegalKind
from events_pages.models import EventPage, LegalPage
from ticketing.admin.permissions import ByPagePolicy, may_download_statement
from ticketing.admin.reports import OrdersGroup
from ticketing.admin.viewsets import EventSaleViewSet, SellingGroup, TicketTypeViewSet
from ticketing.domain.messages import address_correction
from ticketing.domain.orders import manual_settlement, states
from ticketing.enums import BatchState, OrderState
from ticketing.models import BasketLine, CheckIn, EventSale, Order, OrderLine, Ticket, TicketType
from ticketing.views.staff import erasure, statements
from ticketing.views.staff.payments_health import HealthMenuItem, HealthView

register_permission_policy(EventSale, ByPagePolicy(EventSale, page="page"))
register_permission_policy(TicketType, ByPagePolicy(TicketType, page="sale__page"))
register_permission_policy(Order, ByPagePolicy(Order, page="lines__sale__page", verbs=["view", "refund"]))
register_permission_policy(Ticket, ByPagePolicy(Ticket, page="sale__page", verbs=["view"]))
register_permission_policy(CheckIn, ByPagePolicy(CheckIn, page="sale__page", verbs=["view"]))

register_snippet(SellingGroup)


@hooks.register("register_admin_viewset")
def orders_viewset():
    return OrdersGroup()


@hooks.register("register_admin_urls")
def health_url():
    return [path("payments-health/", HealthView.as_view(), name="payments_health")]


@hooks.register("register_admin_urls")
def statement_urls():
    return [
        re_path(
            r"^statements/event/(?P<pk>\d+)\.(?P<kind>pdf|csv)$",
            statements.download_event_statement,
            name="event_statement",
        ),
        re_path(
            r"^statements/sale/(?P<pk>\d+)\.(?P<kind>pdf|csv)$",
            statements.download_sale_statement,
            name="sale_statement",
        ),
    ]


@hooks.register("register_admin_urls")
def erasure_urls():
    report = erasure.ErasureReport
    return [
        path("reports/erasures/", report.as_view(), name="erasures_report"),
        path("reports/erasures/results/", report.as_view(results_only=True), name="erasures_report_results"),
    ]


@hooks.register("register_reports_menu_item")
def erasures_menu_item():
    return erasure.ErasuresMenuItem(
        _("Erasures"), reverse("erasures_report"), name="erasures", icon_name="bin", order=910
    )


@hooks.register("register_permissions")
def erasure_permissions():
    """What a group may be given: erasing people, and seeing that it was done."""
    return Permission.objects.filter(content_type__app_label="ticketing", content_type__model="erasure").filter(
        codename__in=["add_erasure", "view_erasure"]
    )


@hooks.register("register_page_header_buttons")
def statement_buttons(page, user, view_name, next_url=None):
    if not isinstance(page, EventPage) or not page.pk or not may_download_statement(user, page):
        return
    if page.sales.exists():
        for kind, label in (("pdf", _("Statement (PDF)")), ("csv", _("Statement (CSV)"))):
            yield Button(label, reverse("event_statement", args=[page.pk, kind]), icon_name="download", priority=16)


@hooks.register("register_admin_menu_item")
def health_menu_item():
    return HealthMenuItem()


@hooks.register("register_admin_urls")
def order_desk():
    return [path("order-desk/", include("ticketing.views.staff.urls"))]


@hooks.register("register_log_actions")
def register_order_states(actions):
    @actions.register_action(states.LOG_ACTION)
    class OrderStateFormatter(LogFormatter):
        label = _("Change an order's state")

        def format_message(self, log_entry):
            before, to = (OrderState(log_entry.data[key]).label for key in ("from", "to"))
            return _("Order moved from “%(before)s” to “%(to)s”") % {"before": before, "to": to}

        def format_comment(self, log_entry):
            return log_entry.data.get("reason", "")

    @actions.register_action(states.BATCH_ACTION)
    class BatchStateFormatter(LogFormatter):
        label = _("Refund everybody")

        def format_message(self, log_entry):
            state = BatchState(log_entry.data["to"]).label
            return _("Refund of everybody: %(state)s") % {"state": state}

        def format_comment(self, log_entry):
            return log_entry.data.get("reason", "")


@hooks.register("register_log_actions")
def register_by_hand(actions):
    @actions.register_action(manual_settlement.LOG_ACTION)
    class ByHandFormatter(LogFormatter):
        label = _("Settle by hand")

        def format_message(self, log_entry):
            return _("Settled by hand: paid") if log_entry.data["paid"] else _("Settled by hand: not paid")

        def format_comment(self, log_entry):
            return log_entry.data.get("reason", "")


@hooks.register("register_log_actions")
def register_addresses(actions):
    @actions.register_action(address_correction.LOG_ACTION)
    class AddressFormatter(LogFormatter):
        label = _("Correct an address")
        message = _("E-mail address corrected")

        def format_comment(self, log_entry):
            return log_entry.data.get("reason", "")


@hooks.register("register_log_actions")
def register_void_tickets(actions):
    @actions.register_action(states.VOID_ACTION)
    class VoidTicketsFormatter(LogFormatter):
        label = _("Make tickets void")

        def format_message(self, log_entry):
            number = log_entry.data["tickets"]
            return ngettext("%(count)d ticket made void", "%(count)d tickets made void", number) % {"count": number}

        def format_comment(self, log_entry):
            return log_entry.data.get("reason", "")


@hooks.register("register_page_header_buttons")
def tickets_button(page, user, view_name, next_url=None):
    """“Tickets” in the header of an event page: its sales, or the form for the first one."""
    if not isinstance(page, EventPage) or not page.pk or not page.permissions_for_user(user).can_edit():
        return
    sales = EventSaleViewSet()
    view = "list" if page.sales.exists() else "add"
    yield Button(_("Tickets"), f"{reverse(sales.get_url_name(view))}?page={page.pk}", icon_name="tag", priority=15)


def sold_below(pages):
    """Is anything on sale, or sold, on these pages or below them?"""
    return any(EventSale.objects.filter(page__path__startswith=page.path).exists() for page in pages)


REFUSAL = _("Tickets are on sale or sold here, so this cannot be deleted. Unpublish it, or cancel the event, instead.")


def accepted(texts):
    """Did a buyer accept one of these `LegalPage` rows?"""
    orders = Order.objects.filter(terms_version=OuterRef("version"))
    return texts.filter(Exists(orders), kind=LegalKind.TERMS).exists()


def accepted_below(pages):
    return any(accepted(LegalPage.objects.filter(path__startswith=page.path)) for page in pages)


ACCEPTED = _("Buyers have accepted this text, so it stays readable: publish a newer version beside it instead.")


@hooks.register("before_delete_page")
def keep_pages_that_orders_need(request, page):
    for is_needed, refusal in ((sold_below, REFUSAL), (accepted_below, ACCEPTED)):
        if is_needed([page]):
            messages.error(request, refusal)
            return redirect("wagtailadmin_pages:edit", page.pk)
    return None


@hooks.register("before_unpublish_page")
def keep_accepted_texts_readable(request, page):
    if accepted(LegalPage.objects.filter(pk=page.pk)):
        messages.error(request, ACCEPTED)
        return redirect("wagtailadmin_pages:edit", page.pk)
    return None


@hooks.register("before_bulk_action")
def keep_pages_that_orders_need_in_bulk(request, action_type, objects, action_class_instance):
    pages = [row for row in objects if hasattr(row, "path")]
    if action_type == "delete" and sold_below(pages):
        messages.error(request, REFUSAL)
        return redirect("wagtailadmin_explore_root")
    texts = LegalPage.objects.filter(pk__in=[page.pk for page in pages])
    if (action_type == "delete" and accepted_below(pages)) or (action_type == "unpublish" and accepted(texts)):
        messages.error(request, ACCEPTED)
        return redirect("wagtailadmin_explore_root")
    return None


@hooks.register("before_bulk_action")
def keep_types_that_somebody_has(request, action_type, objects, action_class_instance):
    types = [row.pk for row in objects if isinstance(row, TicketType)]
    if action_type != "delete" or not types:
        return None
    if any(model.objects.filter(ticket_type__in=types).exists() for model in (OrderLine, BasketLine)):
        messages.error(request, _("Tickets were sold or are being bought: untick “selling” instead of deleting."))
        return redirect(TicketTypeViewSet().get_url_name("list"))
    return None
