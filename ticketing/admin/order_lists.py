"""Orders, tickets and scans in the admin: lists to read, search, filter and export, never to edit."""

from django.db.models import Case, Count, F, OuterRef, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from common.text.direction import isolate_text
from common.text.email_addresses import readable_email
from payments.money import format_money
from protection.admin.row_filters import RowFilter
from protection.admin.row_scopes import ANY_VERB, ScopedList, ScopedObject, scope_view
from ticketing.admin.order_detail import build_order_detail
from ticketing.admin.permissions import order_scope, own_lines, refund_scope
from ticketing.admin.row_choices import DATES, SALES
from ticketing.domain.admission import order_search
from ticketing.domain.catalogue.sale_dates import format_moment
from ticketing.enums import TicketState
from ticketing.models import CheckIn, Order, Ticket


class ListView(ScopedList, generic.IndexView):
    """Searches the lines of one's own events. `found_by`: the column of the line that is searched, and the path from
    the row to it."""

    found_by = ("pk", "line")

    @cached_property
    def own_lines(self):
        return own_lines(self.request.user)

    def search_queryset(self, queryset):
        if not self.is_searching:
            return queryset
        lines, (column, path) = self.own_lines, self.found_by
        if self.is_filtering:
            lines = lines.filter(**{f"{column}__in": queryset.order_by().values(path)})
        return self.found_in(queryset, order_search.find_order_lines(lines, self.search_query, column=column))

    def found_in(self, queryset, found):
        """The rows of the lines found, those with the very words first unless another order was chosen. Their ids
        first, or the list would be read from its end until enough of them were met."""
        path = self.found_by[1]
        ids = list(queryset.order_by().filter(**{f"{path}__in": found.ids}).values_list("pk", flat=True))
        rows = queryset.filter(pk__in=ids)
        if "ordering" in self.request.GET or not 0 < len(found.whole) < len(found.ids):
            return rows
        first = Case(When(**{f"{path}__in": found.whole}, then=0), default=1)
        return rows.annotate(found_first=first).order_by("found_first", *queryset.query.order_by)


class OrderListView(ListView):
    found_by = ("order_id", "pk")

    def get_base_queryset(self):
        return with_bought(super().get_base_queryset(), self.own_lines)

    custom_field_preprocess = {"buyer_email": {"csv": readable_email, "xlsx": readable_email}}


def with_bought(orders, lines):
    """Each order with what it is for, of these lines: `event` and `event_date` of the first date, as of today, how many
    `sales` it is of and how many `seats`. Part of the same statement."""
    mine = lines.filter(order=OuterRef("pk")).annotate(at=Coalesce("sale__performance__starts_at", "starts_at"))
    first, summed = mine.order_by("at", "pk"), mine.order_by().values("order")
    return orders.annotate(
        event=Subquery(first.values("event_title")[:1]),
        event_date=Subquery(first.values("at")[:1]),
        seats=Subquery(summed.annotate(number=Sum("quantity")).values("number")),
        sales=Subquery(summed.annotate(number=Count("sale", distinct=True)).values("number")),
    )


def name_event(order):
    if not order.event or order.sales == 1:
        return order.event or "–"
    return _now("%(event)s and %(count)d more") % {"event": isolate_text(order.event), "count": order.sales - 1}


def name_event_date(order):
    return format_moment(order.event_date) if order.event_date else "–"


def name_ticket_date(ticket):
    sale = ticket.sale
    moment = _now("All dates") if sale.is_pass else format_moment(sale.performance.starts_at)
    return f"{moment}, {isolate_text(sale.date_name)}" if sale.date_name else moment


def name_ticket_state(ticket):
    """A pass stays valid for its other dates; in the list of one door it is used once it was let in there."""
    is_used_here = ticket.state == TicketState.VALID and ticket.admitted_at
    return TicketState.USED.label if is_used_here else ticket.get_state_display()


def name_scan_date(scan):
    return format_moment(scan.performance.starts_at) if scan.performance else "–"


class TicketListView(ListView):
    """`admitted_at` of each: at the door whose list it is, where it is one."""

    def get_base_queryset(self):
        return super().get_base_queryset().annotate(admitted_at=F("used_at"))

    def search_queryset(self, queryset):
        code = order_search.read_ticket_code(self.search_query) if self.is_searching else None
        return queryset.filter(code=code) if code else super().search_queryset(queryset)


class CheckInListView(ListView):
    found_by = ("pk", "ticket__line")


InspectView = scope_view(generic.InspectView)


class HistoryView(ScopedObject, history.HistoryView):
    any_permission_required = ANY_VERB


class ReadOnlyViewSet(ModelViewSet):
    """The policies of these models allow no verb but “view”, so every form is refused."""

    index_view_class = ListView
    edit_view_class = scope_view(generic.EditView)
    delete_view_class = scope_view(generic.DeleteView)
    inspect_view_class = InspectView
    history_view_class = HistoryView
    inspect_view_enabled = True
    copy_view_enabled = False
    form_fields = []
    list_per_page = 50
    related = ()

    def get_index_view_kwargs(self, **kwargs):
        return super().get_index_view_kwargs(queryset=self.model.objects.select_related(*self.related), **kwargs)


class OrderInspectView(InspectView):
    def get_context_data(self, **kwargs):
        user, order = self.request.user, self.object
        scopes = {"seen": order_scope(user, order), "scope": refund_scope(user, order)}
        bench = build_order_detail(order, is_administrator=user.is_superuser, **scopes)
        return super().get_context_data(**kwargs) | bench


class OrderFilterSet(WagtailFilterSet):
    class Meta:
        model = Order
        fields = {"state": ["exact"], "created_at": ["gte", "lte"]}


class OrderViewSet(ReadOnlyViewSet):
    model = Order
    index_view_class = OrderListView
    name = "orders"
    icon = "doc-full"
    inspect_view_class = OrderInspectView
    inspect_template_name = "ticketing/admin/order.html"
    inspect_view_fields = [  # never the tokens: whoever has them has the tickets
        "reference",
        "state",
        "review_reason",
        "buyer_name",
        "buyer_email",
        "merchant",
        "total",
        "deadline",
        "created_at",
        "completed_at",
        "erased_at",
    ]
    filterset_class = OrderFilterSet
    search_fields = ["reference", "buyer_name", "buyer_email"]
    list_display = [
        "reference",
        Column("state", label=_("State"), accessor="get_state_display"),
        Column("buyer_name", label=_("Name"), accessor="buyer"),
        Column("buyer_email", label=_("E-mail"), accessor="readable_email"),
        Column("event", label=_("Event"), accessor=name_event),
        Column("event_date", label=_("Date"), accessor=name_event_date),
        Column("seats", label=_("Seats"), accessor="seats"),
        Column("total", label=_("Total"), accessor=lambda order: format_money(order.total)),
        DateColumn("created_at", label=_("Ordered"), sort_key="pk"),
    ]
    list_export = [
        *("reference", "state", "buyer_name", "buyer_email", "event", "event_date", "sales", "seats"),
        *("total", "created_at", "completed_at"),
    ]
    export_headings = {
        "event": _("Event"),
        "event_date": _("Date"),
        "sales": _("Dates in the order"),
        "seats": _("Seats"),
    }
    export_filename = "orders"


class TicketFilterSet(WagtailFilterSet):
    """With one date it is that door's list: tickets for it, and passes."""

    performance = RowFilter(choice=DATES, label=_("Date"), method="filter_door")
    sale = RowFilter(choice=SALES, label=_("Ticket sale"))

    class Meta:
        model = Ticket
        fields = {"state": ["exact"], "created_at": ["gte", "lte"]}

    def filter_door(self, tickets, name, picked):
        if len(picked.rows) != 1:
            return tickets.filter(sale__performance__in=picked.rows)
        [performance] = picked.rows
        return order_search.with_admission(tickets.filter(order_search.admitted_to(performance)), performance)


class CheckInFilterSet(WagtailFilterSet):
    performance = RowFilter(choice=DATES, label=_("Date"))

    class Meta:
        model = CheckIn
        fields = {"result": ["exact"], "at": ["gte", "lte"]}


class TicketViewSet(ReadOnlyViewSet):
    model = Ticket
    index_view_class = TicketListView
    name = "tickets"
    related = ("line__order", "sale__performance")
    icon = "tag"
    search_fields = ["code", "holder_name", "line__order__reference"]
    filterset_class = TicketFilterSet
    inspect_view_fields = ["code", "state", "holder_name", "line", "sale", "used_at", "created_at"]
    list_display = [
        "code",
        Column("state", label=_("State"), accessor=name_ticket_state),
        "holder_name",
        Column("type", label=_("Ticket"), accessor="line.type_name"),
        Column("event", label=_("Event"), accessor="line.event_title"),
        Column("date", label=_("Date"), accessor=name_ticket_date),
        Column("order", label=_("Order"), accessor="line.order.reference"),
        DateColumn("admitted_at", label=_("Used")),
    ]
    list_export = [
        "code",
        "state",
        "holder_name",
        "line.type_name",
        "line.event_title",
        "sale.performance.starts_at",
        "sale.date_name",
        "line.order.reference",
        "admitted_at",
    ]
    export_headings = {
        "code": _("Code"),
        "line.type_name": _("Ticket"),
        "line.event_title": _("Event"),
        "sale.performance.starts_at": _("Date"),
        "sale.date_name": _("Name of the date"),
        "line.order.reference": _("Order"),
        "admitted_at": _("Used"),
    }
    export_filename = "tickets"


class CheckInViewSet(ReadOnlyViewSet):
    model = CheckIn
    index_view_class = CheckInListView
    name = "check_ins"
    related = ("ticket", "performance__page", "by")
    icon = "tick"
    menu_label = _("Scans")
    search_fields = ["ticket__code", "ticket__holder_name"]
    filterset_class = CheckInFilterSet
    inspect_view_fields = ["ticket", "performance", "result", "at", "by"]
    list_display = [
        DateColumn("at", label=_("At"), sort_key="pk"),
        Column("result", label=_("Result"), accessor="get_result_display"),
        Column("ticket", label=_("Ticket"), accessor="ticket"),
        Column("event", label=_("Event"), accessor="performance"),
        Column("date", label=_("Date"), accessor=name_scan_date),
        Column("by", label=_("By"), accessor="by"),
    ]
    list_export = ["at", "result", "ticket.code", "performance", "performance.starts_at", "by"]
    export_headings = {
        "ticket.code": _("Code"),
        "performance": _("Event"),
        "performance.starts_at": _("Date"),
    }
    export_filename = "scans"


class OrdersGroup(ViewSetGroup):
    items = (OrderViewSet, TicketViewSet, CheckInViewSet)
    menu_label = _("Orders")
    menu_icon = "doc-full"
    menu_order = 210
