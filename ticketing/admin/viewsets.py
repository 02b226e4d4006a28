"""Sales and ticket types in the admin: plain snippets, edited live, never part of a page's revisions."""

from functools import reduce
from operator import or_

from django.contrib import messages
from django.db import IntegrityError, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import DateFromToRangeFilter
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views import snippets
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from common.search.fields import find_meant_spellings
from common.search.words import Any, Every, read_query
from events_pages.models import Performance
from payments.admin.base_viewset import MERCHANTS
from payments.money import format_money
from protection.admin.row_filters import RowFilter
from protection.admin.row_scopes import ScopedChooserViewSet, ScopedList, scope_view
from ticketing.admin.permissions import may_download_statement, own_pages, own_sales
from ticketing.admin.row_choices import PAGES, SALES
from ticketing.admin.sale_forms import SaleForm, TicketTypeForm
from ticketing.domain.catalogue import availability, pricing
from ticketing.models import EventSale, TicketType

MOST_EVENTS, MOST_NAMED = 200, 2000  # that a search looks at
BOUGHT = _("Tickets were sold or are being bought: untick “selling” instead of deleting.")


class SaleSummaryPanel(Panel):
    class BoundPanel(Panel.BoundPanel):
        template_name = "ticketing/admin/sale_summary.html"

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            if self.instance.pk:
                sale = availability.find_sale(self.instance.pk)
                standing = availability.build_sale_availability(sale, timezone.now())
                context |= {"sale": sale, "types": list(sale.ticket_types.all()), "standing": standing}
                context["may_download"] = may_download_statement(self.request.user, sale.page)
                context["may_refund"] = sale.allocated and self.request.user.has_perm("ticketing.refund_order")
            return context


class PrefilledMixin:
    """A new row starts with what the address names (`?page=7`, `?sale=3`), if it is one of the person's `choices`."""

    prefill = ""

    def get_initial(self):
        number = self.request.GET.get(self.prefill, "")
        own = number.isdecimal() and self.choices(self.request).filter(pk=number[:18]).exists()
        return super().get_initial() | ({self.prefill: number} if own else {})


class LimitRaceMixin:
    """A seat sold while the form was open can make its limit too low: the database's refusal becomes a sentence."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except IntegrityError:
            form.add_error(None, _("Tickets were sold while you were editing. Nothing was saved: check the limits."))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)


class ProtectedDeleteMixin:
    """What somebody has bought or holds is never deleted."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except models.ProtectedError:
            messages.error(self.request, BOUGHT)
            return self.form_invalid(form)


class ListView(ScopedList, snippets.IndexView):
    """Searched by the words of the event page and by names of its own, as visitors search."""

    def search_queryset(self, queryset):
        query = read_query(self.search_query)
        if not query:
            return queryset.none() if self.is_searching else queryset
        found = self.find_ids(queryset, query, {})
        if not found:
            near, _ = find_meant_spellings(own_pages(self.request).order_by(), query)
            found = self.find_ids(queryset, query, near)
        return queryset.filter(pk__in=found)

    def find_ids(self, queryset, query, near):
        """Of the events that all words are about, and of rows whose names have one of them: for both conditions at
        once a database reads the whole list."""
        page = "page" if self.model is EventSale else "sale__page"
        pages = own_pages(self.request).filter(search_words__spelt=query.as_meant(near))
        pages = list(pages.order_by("-pk").values_list("pk", flat=True)[:MOST_EVENTS])
        rows = queryset.order_by().values_list("pk", flat=True)
        named = rows.filter(reduce(or_, [is_in_name(word, terms) for word, terms in query.with_meant(near)]))
        of_names = self.having(rows.filter(pk__in=list(named[:MOST_NAMED])), query, page, near)
        return [*rows.filter(**{f"{page}__in": pages})[:MOST_NAMED], *of_names]

    def having(self, queryset, query, page, near):
        for word, terms in query.with_meant(near):
            on_page = Q(**{f"{page}__search_words__spelt": Any(terms)})
            queryset = queryset.filter(on_page | is_in_name(word, terms))
        return queryset


def is_in_name(word, terms):
    """The word as it was typed, or its parts where a sign stood between them."""
    found = Q(name__icontains=word)
    for parts in (term.terms for term in terms if isinstance(term, Every)):
        found |= Q(*(Q(name__icontains=part.text) for part in parts))
    return found


class SaleCreateView(PrefilledMixin, snippets.CreateView):
    """`?performance=9` names its page too."""

    prefill = "page"
    choices = staticmethod(own_pages)

    def get_initial(self):
        number = self.request.GET.get("performance", "")
        own = Performance.objects.filter(page__in=own_pages(self.request).order_by().values("pk"))
        date = own.filter(pk=number[:18]).first() if number.isdecimal() else None
        return super().get_initial() | ({"page": date.page_id, "performance": date.pk} if date else {})


class TypeCreateView(PrefilledMixin, snippets.CreateView):
    prefill = "sale"
    choices = staticmethod(own_sales)


class SellingViewSet(SnippetViewSet):
    index_view_class = ListView
    edit_view_class = scope_view(snippets.EditView, LimitRaceMixin)
    delete_view_class = scope_view(snippets.DeleteView, ProtectedDeleteMixin)
    usage_view_class = scope_view(snippets.UsageView)
    history_view_class = scope_view(snippets.HistoryView)
    inspect_view_class = scope_view(snippets.InspectView)
    chooser_viewset_class = ScopedChooserViewSet
    copy_view_enabled = False
    inspect_view_enabled = True


class SaleFilterSet(WagtailFilterSet):
    page = RowFilter(choice=PAGES, label=_("Event page"))
    merchant = RowFilter(choice=MERCHANTS, label=_("Paid to"))
    starts_at = DateFromToRangeFilter(
        field_name="performance__starts_at", label=_("Date"), widget=DateRangePickerWidget
    )

    class Meta:
        model = EventSale
        fields = ["is_active"]


class TypeFilterSet(WagtailFilterSet):
    sale = RowFilter(choice=SALES, label=_("Ticket sale"))

    class Meta:
        model = TicketType
        fields = ["is_active"]


class EventSaleViewSet(SellingViewSet):
    model = EventSale
    icon = "date"
    menu_label = _("Ticket sales")
    add_view_class = SaleCreateView
    list_display = [
        "__str__",
        Column("starts_at", label=_("Date"), accessor="performance.starts_at"),
        Column("allocated", label=_("Seats taken"), accessor=lambda sale: f"{sale.allocated} / {sale.capacity}"),
        Column(
            "status",
            label=_("Status"),
            accessor=lambda sale: availability.build_sale_availability(sale, timezone.now()).sentence,
        ),
    ]
    filterset_class = SaleFilterSet
    search_fields = ["page__title", "name"]
    ordering = ["-pk"]
    edit_handler = ObjectList(
        [
            SaleSummaryPanel(heading=_("Now")),
            MultiFieldPanel(
                [FieldPanel("page"), FieldPanel("performance"), FieldPanel("name"), FieldPanel("takes_date_seats")],
                heading=_("What"),
            ),
            MultiFieldPanel(
                [FieldPanel("capacity"), FieldPanel("max_per_order"), FieldPanel("is_active")], heading=_("How many")
            ),
            MultiFieldPanel([FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")])], heading=_("When")),
            MultiFieldPanel(
                [FieldPanel("merchant"), FieldRowPanel([FieldPanel("fee_policy"), FieldPanel("booking_fee")])],
                heading=_("Money"),
            ),
        ],
        base_form_class=SaleForm,
    )

    def get_queryset(self, request):
        return pricing.with_merchant_status(EventSale.objects.select_related("page", "performance")).prefetch_related(
            "ticket_types"
        )


class TicketTypeViewSet(SellingViewSet):
    model = TicketType
    icon = "tag"
    menu_label = _("Ticket types")
    add_view_class = TypeCreateView
    list_display = [
        "name",
        Column("sale", label=_("Ticket sale"), accessor="sale"),
        Column("price", label=_("Price"), accessor=lambda kind: format_money(kind.price)),
        Column("allocated", label=_("Seats taken"), accessor=lambda kind: f"{kind.allocated} / {kind.limit or '–'}"),
    ]
    filterset_class = TypeFilterSet
    ordering = ["-pk"]
    search_fields = ["name", "sale__page__title"]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [FieldPanel("sale"), FieldPanel("name"), FieldPanel("description"), FieldPanel("price")],
                heading=_("What"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("limit"),
                    FieldRowPanel([FieldPanel("min_per_order"), FieldPanel("max_per_order")]),
                    FieldPanel("is_active"),
                ],
                heading=_("How many"),
            ),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]), FieldPanel("access_code")],
                heading=_("When and for whom"),
            ),
            FieldPanel("sort_order"),
        ],
        base_form_class=TicketTypeForm,
    )

    def get_queryset(self, request):
        return TicketType.objects.select_related("sale__page", "sale__performance")


class SellingGroup(SnippetViewSetGroup):
    items = (EventSaleViewSet, TicketTypeViewSet)
    menu_label = _("Tickets on sale")
    menu_icon = "tag"
    menu_order = 200
