"""The cause of a refund, for the e-mail about it: the change of the event that it follows, and who organises it."""

from dataclasses import dataclass

from events_pages.enums import PerformanceStatus
from events_pages.models import Organiser, Performance
from ticketing.enums import ChangeKind


@dataclass(frozen=True)
class RefundCause:
    """`note` is what visitors read about it, in the organiser's words."""

    title: str
    what: str
    note: str
    organiser: Organiser | None


def find_refund_cause(order, refunds):
    """Of these Refunds of the order, or without any of what became void last; None where nothing had changed."""
    rows = order.refunds.filter(refund__in=refunds) if refunds else order.refunds.all()
    row = rows.filter(notice__isnull=False).select_related("notice__page__organiser").first()
    if row:
        page, notice = row.notice.page, row.notice
        return RefundCause(page.title, notice.get_kind_display(), notice.note, page.organiser)
    off = Performance.objects.filter(status=PerformanceStatus.CANCELLED, sales__tickets__refunds__in=rows.order_by())
    date = off.select_related("page__organiser").first()
    if date is None:
        return None
    return RefundCause(date.page.title, str(ChangeKind.CANCELLED.label), date.status_note, date.page.organiser)
