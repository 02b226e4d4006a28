"""Permissions of the admin. **Who may edit the page may sell on it**: the group gives the verb, the page tree the rows.
`protection.admin.row_scopes` has the mixins for the views."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from wagtail.models import Page
from wagtail.permissions import policy_registry

from events_pages.models import EventPage, Performance
from protection.admin.own_rows import MOST_KEYS, KeyIndex, OwnRows
from protection.admin.row_scopes import ANY_VERB, ScopedPolicy
from ticketing.domain.admission import order_search
from ticketing.models import EventSale, Order, OrderLine, TicketType


def editable_pages(user):
    """Page ids, as a subquery."""
    return policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "change").values("pk")


def may_edit_page(user, page):
    return page.permissions_for_user(user).can_edit()


def may_download_statement(user, page):
    return may_edit_page(user, page) and policy_registry.get_by_type(Order).user_has_permission(user, "view")


@dataclass(frozen=True)
class SellingRights:
    """What a person who may edit the page may do with its sales. Who puts a date on sale may take it away again while
    nobody has bought for it."""

    sells: bool
    changes: bool
    changes_types: bool
    deletes: bool
    scans: bool
    downloads: bool

    @classmethod
    def of(cls, user, page):
        sale, kind = policy_registry.get_by_type(EventSale), policy_registry.get_by_type(TicketType)
        return cls(
            sells=sale.user_has_permission(user, "add") and kind.user_has_permission(user, "add"),
            changes=sale.user_has_permission(user, "change"),
            changes_types=kind.user_has_permission(user, "change"),
            deletes=all(each.user_has_any_permission(user, ["add", "delete"]) for each in (sale, kind)),
            scans=user.has_perm("ticketing.add_checkin"),
            downloads=may_download_statement(user, page),
        )


class ByPagePolicy(ScopedPolicy):
    """Rows of pages that the person may edit; administrators have all. `index` is that of a long list."""

    def __init__(self, model, *, page, index=None, verbs=ANY_VERB):
        super().__init__(model, verbs=verbs)
        self.page, self.index = page, index

    def scope(self, user, queryset):
        """A subquery in the place of a value, which databases neither join nor hash: they look row by row, only as far
        as the list is read."""
        if user.is_superuser:
            return queryset
        own = self.model._base_manager.filter(pk=OuterRef("pk"), **{f"{self.page}__in": editable_pages(user)})
        return queryset.alias(own_row=Subquery(own.order_by().values("pk")[:1])).filter(own_row__isnull=False)

    def find_own_rows(self, user):
        keys = None if self.index is None or user.is_superuser else list_own_keys(user, self.index)
        return None if keys is None else OwnRows(self.index, keys)


def list_own_keys(user, index):
    """Of what hangs on pages that the person may edit; None of more than MOST_KEYS."""
    pages = list(editable_pages(user).values_list("pk", flat=True)[: MOST_KEYS + 1])
    keyed = index.model._meta.get_field(index.key).related_model
    if keyed is not EventPage and len(pages) <= MOST_KEYS:
        pages = list(keyed.objects.filter(page__in=pages).order_by().values_list("pk", flat=True)[: MOST_KEYS + 1])
    return tuple(pages) if len(pages) <= MOST_KEYS else None


LINES = ByPagePolicy(OrderLine, page="sale__page", index=KeyIndex(OrderLine, key="sale"))


def own_lines(user):
    """The lines by which a person may find orders."""
    own = LINES.find_own_rows(user)
    return OrderLine.objects.filter(sale__in=own.keys) if own else LINES.scope(user, OrderLine.objects.all())


def find_order_references(user, text):
    """References of the orders that a person may see and that match the text; for lists of payments."""
    if not policy_registry.get_by_type(Order).user_has_permission(user, "view"):
        return []
    return order_search.find_order_lines(own_lines(user), text, column="order__reference").ids


def own_sales(request):
    sales = EventSale.objects.select_related("page", "performance")
    return policy_registry.get_by_type(EventSale).scope(request.user, sales)


def own_performances(request):
    dates = Performance.objects.select_related("page")
    return dates if request.user.is_superuser else dates.filter(page__in=editable_pages(request.user))


def own_pages(request):
    pages = EventPage.objects.order_by("title")
    return pages if request.user.is_superuser else pages.filter(pk__in=editable_pages(request.user))


@dataclass(frozen=True)
class OrderScope:
    """The part of an order that is one organiser's. Each sees and decides about the tickets of the pages that they may
    edit; only who may edit them all decides about the order as a whole."""

    lines: frozenset
    is_whole: bool

    def holds(self, ticket):
        return ticket.line_id in self.lines


def refund_scope(user, order):
    """None for who may not refund."""
    policy = policy_registry.get_by_type(type(order))
    return order_scope(user, order) if policy.user_has_permission_for_instance(user, "refund", order) else None


def order_scope(user, order):
    lines = order.lines.all()
    own = lines if user.is_superuser else lines.filter(sale__page__in=editable_pages(user))
    ids = frozenset(own.values_list("pk", flat=True))
    return OrderScope(ids, is_whole=len(ids) == lines.count())
