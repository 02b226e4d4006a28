"""The page “Payments health” of the admin: what waits for a person, then the figures."""

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.permissions import policy_registry

from payments.admin.permissions import own_merchants
from payments.domain.monitoring import alerts, health
from payments.domain.verification import polling_pause
from payments.models import Discrepancy, MerchantAccount, Payment
from protection.admin.pages import AdminPage
from ticketing.domain.orders import review as reviews
from ticketing.models import Order
from ticketing.views.staff.charts import build_verification_chart

SHOWN = 20
BADGE_KEPT = 30  # seconds: the menu is drawn with every page of the admin


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a list, and how many there are in all."""

    rows: list
    count: int

    @property
    def more(self):
        return self.count - len(self.rows)


@dataclass(frozen=True)
class ReviewCase:
    order: object
    rows: list

    @property
    def shown(self):
        """What differs; everything when nothing does, because then the reason is elsewhere."""
        return [row for row in self.rows if row.differs] or self.rows

    @property
    def payments(self):
        return list(dict.fromkeys(row.payment for row in self.rows if row.payment))


class HealthView(AdminPage, TemplateView):
    """Administrators see everything; others their own merchants' money and the orders of their own pages."""

    template_name = "ticketing/admin/health.html"
    page_title = _("Payments health")
    header_icon = "view"

    def may_open(self, user):
        return may_open_health(user)

    def get_context_data(self, **kwargs):
        user, now = self.request.user, timezone.now()
        merchants = visible_merchants(user)
        days = health.verification_days(now, merchants)
        context = super().get_context_data(**kwargs) | read_open_work(user) | {"silence": minutes_without_cycle(now)}
        context["paused"] = polling_pause.get_current_pause()
        context |= {
            "days": days,
            "plot": build_verification_chart(days),
            "open": take_first_rows(health.open_payments(merchants)),
        }
        context |= {
            "may_ask": may_view_model(user, Payment),
            "may_connect": may_view_model(user, MerchantAccount),
            "waiting": take_first_rows(reviews.list_paid_without_tickets(visible_orders(user))),
        }
        return context | (build_site_figures(now) if user.is_superuser else {})


def find_open_work(user):
    """What waits for a person, as far as this one may see it: querysets by their names in the template."""
    merchants = visible_merchants(user)
    return {
        "review": reviews.list_orders_in_review(visible_orders(user)),
        "merchants": health.list_broken_merchants(merchants),
        "refunds": health.list_stuck_refunds(merchants),
        "unproved": health.unproved_payments(merchants),
        "discrepancies": health.open_discrepancies(visible_merchants(user, Discrepancy)),
    }


def read_open_work(user):
    found = {name: take_first_rows(rows) for name, rows in find_open_work(user).items()}
    found["review"] = FirstRows(build_review_cases(found["review"].rows), found["review"].count)
    return found | {"needed": sum(each.count for each in found.values())}


def build_review_cases(orders):
    rows = reviews.compare_all_with_provider(orders)
    return [ReviewCase(order, rows[order.pk]) for order in orders]


def build_site_figures(now):
    return {
        "rounds": health.summarise_cycles(now),
        "calls": health.count_provider_calls(now),
        "alerts": take_first_rows(alerts.unmailed_alerts()),
        "nobody_listens": not settings.ALERTS_EMAIL,
    }


def count_open_work(user):
    return sum(rows.order_by().count() for rows in find_open_work(user).values())


def take_first_rows(rows):
    """Counts by a query of its own only where there are more rows than are shown."""
    found = list(rows[: SHOWN + 1])
    return FirstRows(found[:SHOWN], rows.count() if len(found) > SHOWN else len(found))


def visible_merchants(user, model=Payment):
    """Whose rows of this model the person may see; None means all, because administrators need no join."""
    if user.is_superuser:
        return None
    return own_merchants(user) if may_view_model(user, model) else MerchantAccount.objects.none()


def visible_orders(user):
    return policy_registry.get_by_type(Order).instances_user_has_any_permission_for(user, ["view"])


def may_view_model(user, model):
    return policy_registry.get_by_type(model).user_has_permission(user, "view")


def may_open_health(user):
    return may_view_model(user, Order) or may_view_model(user, Payment)


def minutes_without_cycle(now):
    """None while all is well, -1 when there was never a cycle."""
    silence = health.polling_silence(now)
    if silence is None:
        return None
    return -1 if silence == silence.max else int(silence.total_seconds() // 60)


class HealthMenuItem(MenuItem):
    def __init__(self):
        url = reverse("payments_health")
        super().__init__(_("Payments health"), url, name="health-of-payments", icon_name="view", order=205)

    def is_shown(self, request):
        return may_open_health(request.user)

    def render_component(self, request):
        component = super().render_component(request)
        key = f"health-badge-{request.user.pk}"
        count = cache.get_or_set(key, lambda: count_open_work(request.user), BADGE_KEPT)
        if count:
            component.label = f"{self.label} ({count})"
        return component
