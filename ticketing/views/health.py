"""Payments health in the admin: what needs a person first, then the figures. It changes nothing."""

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
from ticketing.domain import review as reviews
from ticketing.models import Order
from ticketing.views.plot import plot

SHOWN = 20
BADGE_KEPT = 30  # seconds: the menu is drawn with every page of the admin


@dataclass(frozen=True)
class Some:
    """The first rows of a list and how many there are in all."""

    rows: list
    count: int

    @property
    def more(self):
        return self.count - len(self.rows)


@dataclass(frozen=True)
class Case:
    """An order to decide, with everything that was compared."""

    order: object
    rows: list

    @property
    def shown(self):
        """What differs; all of it when nothing does, because then the reason is elsewhere."""
        return [row for row in self.rows if row.differs] or self.rows

    @property
    def payments(self):
        """Each payment that a row is about, once, in their order."""
        return list(dict.fromkeys(row.payment for row in self.rows if row.payment))


class HealthView(AdminPage, TemplateView):
    """Administrators see everything; others their own merchants' money and the orders of their own pages."""

    template_name = "ticketing/admin/health.html"
    page_title = _("Payments health")
    header_icon = "view"

    def may_open(self, user):
        return may_look(user)

    def get_context_data(self, **kwargs):
        user, now = self.request.user, timezone.now()
        merchants = merchants_of(user)
        days = health.verification_days(now, merchants)
        context = super().get_context_data(**kwargs) | needs(user) | {"silence": silent_minutes(now)}
        context["paused"] = polling_pause.get_current_pause()
        context |= {"days": days, "plot": plot(days), "open": some(health.open_payments(merchants))}
        context |= {
            "may_ask": may(user, Payment),
            "may_connect": may(user, MerchantAccount),
            "waiting": some(reviews.unfulfilled(orders_of(user))),
        }
        return context | (of_the_site(now) if user.is_superuser else {})


def needs(user):
    """Everything that waits for a person, as far as this one may see it."""
    merchants = merchants_of(user)
    review = some(reviews.queue(orders_of(user)))
    found = {
        "review": Some(cases(review.rows), review.count),
        "merchants": some(health.troubled_merchants(merchants)),
        "refunds": some(health.troubled_refunds(merchants)),
        "unproved": some(health.unproved_payments(merchants)),
        "discrepancies": some(health.open_discrepancies(merchants_of(user, Discrepancy))),
    }
    return found | {"needed": sum(each.count for each in found.values())}


def cases(orders):
    rows = reviews.compare_all(orders)
    return [Case(order, rows[order.pk]) for order in orders]


def of_the_site(now):
    """What concerns whoever runs the site."""
    return {
        "rounds": health.summarise_cycles(now),
        "calls": health.count_provider_calls(now),
        "alerts": some(alerts.unmailed_alerts()),
        "nobody_listens": not settings.ALERTS_EMAIL,
    }


def needed(user):
    """How many things wait for this person, without reading them."""
    merchants = merchants_of(user)
    rows = [
        reviews.queue(orders_of(user)),
        health.troubled_merchants(merchants),
        health.troubled_refunds(merchants),
        health.unproved_payments(merchants),
        health.open_discrepancies(merchants_of(user, Discrepancy)),
    ]
    return sum(each.order_by().count() for each in rows)


def some(rows):
    """A page of them; the count costs a question only when there are more."""
    found = list(rows[: SHOWN + 1])
    return Some(found[:SHOWN], rows.count() if len(found) > SHOWN else len(found))


def merchants_of(user, model=Payment):
    """Whose rows of this model they may see; None for all of them, because administrators need no join."""
    if user.is_superuser:
        return None
    return own_merchants(user) if may(user, model) else MerchantAccount.objects.none()


def orders_of(user):
    return policy_registry.get_by_type(Order).instances_user_has_any_permission_for(user, ["view"])


def may(user, model):
    return policy_registry.get_by_type(model).user_has_permission(user, "view")


def may_look(user):
    return may(user, Order) or may(user, Payment)


def silent_minutes(now):
    """For the warning: minutes without a cycle, None while all is well, -1 when there was none ever."""
    silence = health.polling_silence(now)
    if silence is None:
        return None
    return -1 if silence == silence.max else int(silence.total_seconds() // 60)


class HealthMenuItem(MenuItem):
    """With a count while something waits."""

    def __init__(self):
        url = reverse("payments_health")
        super().__init__(_("Payments health"), url, name="health-of-payments", icon_name="view", order=205)

    def is_shown(self, request):
        return may_look(request.user)

    def render_component(self, request):
        component = super().render_component(request)
        key = f"health-badge-{request.user.pk}"
        count = cache.get_or_set(key, lambda: needed(request.user), BADGE_KEPT)
        if count:
            component.label = f"{self.label} ({count})"
        return component
