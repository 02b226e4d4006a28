"""What ticketing adds to Wagtail's admin: permission policies, lists, addresses, menu items and buttons."""

from django.contrib.auth.models import Permission
from django.shortcuts import redirect
from django.urls import include, path, re_path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.widgets.button import Button
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from events_pages.enums import Entry
from events_pages.models import EventPage, Performance
from protection.admin.own_rows import KeyIndex
from ticketing.admin import deletion, log_actions  # noqa: F401 - their hooks register when they are imported
from ticketing.admin.order_lists import OrdersGroup
from ticketing.admin.permissions import ByPagePolicy, SellingRights, may_download_statement, may_edit_page
from ticketing.admin.viewsets import SellingGroup
from ticketing.domain.changes import drafts
from ticketing.models import CheckIn, EventSale, Order, OrderLine, Ticket, TicketType
from ticketing.views.staff import erasure, notices, statements
from ticketing.views.staff.payments_health import HealthMenuItem, HealthView

register_permission_policy(EventSale, ByPagePolicy(EventSale, page="page"))
register_permission_policy(TicketType, ByPagePolicy(TicketType, page="sale__page"))
for policy in (
    ByPagePolicy(
        Order,
        page="lines__sale__page",
        index=KeyIndex(OrderLine, key="sale", row="order"),
        verbs=["view", "refund"],
    ),
    ByPagePolicy(Ticket, page="sale__page", index=KeyIndex(Ticket, key="sale"), verbs=["view"]),
    ByPagePolicy(CheckIn, page="performance__page", index=KeyIndex(CheckIn, key="performance"), verbs=["view"]),
):
    register_permission_policy(policy.model, policy)

register_snippet(SellingGroup)


hooks.register("register_admin_viewset", OrdersGroup)
hooks.register("register_admin_menu_item", HealthMenuItem)


@hooks.register("register_admin_urls")
def register_ticketing_urls():
    report = erasure.ErasureReport
    return [
        path("payments-health/", HealthView.as_view(), name="payments_health"),
        path("order-desk/", include("ticketing.views.staff.urls")),
        path("dates/", include("ticketing.views.staff.dates.urls")),
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
        path("changes/of-event/<int:page_id>/", notices.NoticeListView.as_view(), name="event_notices"),
        path("changes/<int:pk>/", notices.NoticeView.as_view(), name="notice"),
        path("changes/<int:pk>/decline/", notices.DeclineNoticeView.as_view(), name="notice_decline"),
        path("changes/<int:pk>/undo/", notices.UndoNoticeView.as_view(), name="notice_undo"),
        path("reports/erasures/", report.as_view(), name="erasures_report"),
        path("reports/erasures/results/", report.as_view(results_only=True), name="erasures_report_results"),
    ]


@hooks.register("register_reports_menu_item")
def register_erasures_menu_item():
    return erasure.ErasuresMenuItem(
        _("Erasures"), reverse("erasures_report"), name="erasures", icon_name="bin", order=910
    )


@hooks.register("register_permissions")
def register_erasure_permissions():
    return Permission.objects.filter(content_type__app_label="ticketing", content_type__model="erasure").filter(
        codename__in=["add_erasure", "view_erasure"]
    )


@hooks.register("register_page_header_buttons")
def add_statement_buttons(page, user, view_name, next_url=None):
    if not isinstance(page, EventPage) or not page.pk or not may_download_statement(user, page):
        return
    if page.sales.exists():
        for kind, label in (("pdf", _("Statement (PDF)")), ("csv", _("Statement (CSV)"))):
            yield Button(label, reverse("event_statement", args=[page.pk, kind]), icon_name="download", priority=16)


@hooks.register("register_page_header_buttons")
def add_dates_button(page, user, view_name, next_url=None):
    if page.pk and leads_to_dates(page, user):
        yield build_dates_button(page, icon_name="calendar-alt", priority=5)


@hooks.register("register_page_listing_buttons")
def add_dates_listing_button(page, user, next_url=None):
    if leads_to_dates(page, user):
        yield build_dates_button(page, priority=1)


def build_dates_button(page, **looks):
    return Button(_("Dates and tickets"), reverse("dates:list", args=[page.pk]), **looks)


def leads_to_dates(page, user):
    return isinstance(page, EventPage) and may_edit_page(user, page)


@hooks.register("after_copy_page")
def lead_to_dates_of_copy(request, page, copy):
    """Dates are rows of their own, so a copied event has none. What lies below a copied list says so itself, on its
    screen of dates.
    """
    if not leads_to_dates(copy, request.user) or copy.alias_of_id or copy.performances.exists():
        return None
    if not Performance.objects.filter(page=page.pk).exists():
        return None
    return redirect(f"{reverse('dates:copied', args=[copy.pk])}?of={page.pk}")


@hooks.register("after_create_page")
def offer_tickets_of_draft(request, page):
    """What is published was offered them by the hook of that; what saves itself as one types shows no message."""
    if not page.live and request.accepts("text/html"):
        offer_first_tickets(request, page)


@hooks.register("after_publish_page")
def offer_tickets_of_first_version(request, page):
    if page.first_published_at == page.last_published_at:
        offer_first_tickets(request, page)


def offer_first_tickets(request, page):
    if not isinstance(page, EventPage) or page.entry == Entry.ELSEWHERE or page.sales.exists():
        return
    if SellingRights.of(request.user, page).sells:
        button = messages.button(reverse("dates:list", args=[page.pk]), _("Put tickets on sale"))
        messages.info(request, _("No tickets are sold for this event yet."), buttons=[button])


@hooks.register("register_page_header_buttons")
def add_changes_button(page, user, view_name, next_url=None):
    if not isinstance(page, EventPage) or not page.pk or not page.permissions_for_user(user).can_edit():
        return
    if page.change_notices.exists():
        number = drafts.count_drafts(page)
        label = _("Changes (%(number)d to send)") % {"number": number} if number else _("Changes")
        yield Button(label, reverse("event_notices", args=[page.pk]), icon_name="mail", priority=17)
