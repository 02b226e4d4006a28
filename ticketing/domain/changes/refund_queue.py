"""Everybody's money for a date that is called off: a batch for each of its sales, once the notice is sent.

A pass for several dates is not refunded by itself: its holder may still come to the others, so a person decides.
"""

import logging

from django.utils import timezone

from events_pages.enums import PerformanceStatus
from events_pages.models import Performance
from ticketing.domain.changes import audience
from ticketing.domain.errors import TicketingError
from ticketing.domain.orders import batch_refunds
from ticketing.enums import NoticeState
from ticketing.models import ChangeNotice

logger = logging.getLogger(__name__)


def list_refunded_sales(page, performances):
    """Sales of these dates once they are called off, and passes of which no date is left; `performances` are rows."""
    gone = {date.pk for date in performances}
    kept = [date for date in page.performances.all() if date.pk not in gone]
    is_all = all(date.status == PerformanceStatus.CANCELLED for date in kept)
    sales = audience.list_admitting_sales(page.pk, list(gone)).select_related("page", "performance")
    return [sale for sale in sales if is_all or not sale.is_pass]


def open_refunds(notice):
    """For a notice that is sent and says so. May run again at any time: nobody is asked for twice."""
    if not notice.refunds_everybody or notice.refunds_opened_at or notice.state != NoticeState.SENT:
        return
    told = [int(key) for key, facts in notice.now.items() if facts["status"] == PerformanceStatus.CANCELLED]
    dates = list(Performance.objects.filter(pk__in=told, status=PerformanceStatus.CANCELLED))
    for sale in list_refunded_sales(notice.page, dates) if dates else []:
        try:
            batch_refunds.start_batch(sale, by=notice.sent_by, reason=notice.subject, notice=notice)
        except TicketingError as error:  # nobody has paid, or somebody refunds this sale already
            logger.info("notice.no_batch notice=%s sale=%s why=%s", notice.pk, sale.pk, type(error).__name__)
    ChangeNotice.objects.filter(pk=notice.pk).update(refunds_opened_at=timezone.now())
