"""Effects of a change, before anybody makes it: who is told, whose money goes back, what stops selling."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from events_pages.enums import NOT_TAKING_PLACE
from ticketing.domain.catalogue import availability
from ticketing.domain.changes import audience
from ticketing.domain.changes.performance_changes import NEW_STATUS
from ticketing.domain.changes.refund_queue import list_refunded_sales
from ticketing.domain.orders import batch_refunds


@dataclass(frozen=True)
class Effects:
    """`amount` pounds of `refunds` orders go back, of which `missing` are probably not at SumUp now. `stopping` are
    sales; `kept_passes` are sales of passes whose holders keep them for other dates."""

    audience: audience.Audience
    stopping: list
    refunds: int
    amount: Decimal
    missing: Decimal
    in_review: int
    kept_passes: list


def plan_effects(change):
    """Reads only. Money goes back for a date that is called off, if the change says so."""
    dates, page = change.performances, change.page
    holders = audience.list_holders(page.pk, [date.pk for date in dates])
    gone = list_refunded_sales(page, dates) if change.refunds_everybody else []
    plan = batch_refunds.plan_batch(*gone)
    return Effects(
        audience=audience.count_audience(holders),
        stopping=list_stopping_sales(change),
        refunds=plan.orders,
        amount=plan.amount,
        missing=plan.missing,
        in_review=plan.in_review,
        kept_passes=list_kept_passes(change, gone),
    )


def list_stopping_sales(change):
    if NEW_STATUS.get(change.action) not in NOT_TAKING_PLACE:
        return []
    gone, now = {date.pk for date in change.performances}, timezone.now()
    sales = availability.list_sales_of_page(change.page)
    is_last = not any(date.takes_place and date.pk not in gone for date in change.page.performances.all())
    found = [sale for sale in sales if sale.performance_id in gone or (sale.is_pass and is_last)]
    return [
        sale
        for sale in found
        if not availability.why_sale_stopped(sale) and not availability.why_performance_over(sale, now)
    ]


def list_kept_passes(change, refunded):
    if not change.refunds_everybody:
        return []
    sales = audience.list_admitting_sales(change.page.pk, change.performances).select_related("page")
    return [sale for sale in sales if sale.is_pass and sale not in refunded and sale.allocated]
