"""Putting a date or a pass on sale with its ticket types, and stopping it, with an entry in the sale's history."""

import logging

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events_pages.dates import edits
from events_pages.models import Performance
from events_pages.public import content_version
from ticketing.domain.dates.history import write_entry
from ticketing.domain.errors import TicketingError
from ticketing.models import EventSale, TicketType
from ticketing.models.sales import list_passes_on_dates

logger = logging.getLogger(__name__)

STARTED = "ticketing.sale.started"
STOPPED, RESUMED = "ticketing.sale.stopped", "ticketing.sale.resumed"


class AlreadyOnSale(TicketingError):
    default = _("This date is on sale already.")


class SamePass(TicketingError):
    default = _("There is a pass with this name already. Give this one another.")


class SecondSale(TicketingError):
    default = _("This date has a sale, and a pass takes its seats from it: a second one would leave it in doubt.")


@transaction.atomic
def start_sale(page, *, types, performance=None, by=None, **fields):
    """The EventSale of a date, or of a pass where there is none, with its ticket types; `types` are dicts of their
    fields, in order. Raises AlreadyOnSale, SamePass, and ValidationError for what forms refuse.
    """
    check_is_first(page, performance, fields.get("name", ""))
    sale = EventSale(page=page, performance=performance, **fields)
    sale.full_clean()
    sale.save()
    for number, values in enumerate(types):
        kind = TicketType(sale=sale, sort_order=number, **values)
        kind.full_clean()
        kind.save()
    write_entry(sale, STARTED, by=by, data={"types": len(types), "capacity": sale.capacity})
    logger.info("sale.started sale=%d types=%d", sale.pk, len(types))
    return sale


def check_is_first(page, performance, name):
    """Under a lock, so that the same form sent twice makes its sale once. Raises AlreadyOnSale, SamePass."""
    if performance:
        check_not_on_sale(performance)
        return
    edits.lock_dates(page)
    if EventSale.objects.filter(page=page, performance=None, name=name).exists():
        raise SamePass


def check_not_on_sale(performance):
    """Locks the date. Raises AlreadyOnSale."""
    list(Performance.objects.select_for_update(no_key=True).filter(pk=performance.pk))
    if EventSale.objects.filter(performance=performance).exists():
        raise AlreadyOnSale


def stop_selling(sale, *, by=None):
    """What is sold stays valid. False where it was stopped already."""
    return set_selling(sale, is_active=False, by=by)


def resume_selling(sale, *, by=None):
    return set_selling(sale, is_active=True, by=by)


@transaction.atomic
def set_selling(sale, *, is_active, by):
    if not EventSale.objects.filter(pk=sale.pk, is_active=not is_active).update(is_active=is_active):
        return False
    sale.is_active = is_active
    content_version.purge_after_commit()
    write_entry(sale, RESUMED if is_active else STOPPED, by=by)
    logger.info("sale.selling sale=%d selling=%s", sale.pk, is_active)
    return True


def check_only_sale(performance, *, but=None):
    """A second sale of a date leaves no seat for passes that take one on every date. Raises SecondSale."""
    has_passes = list_passes_on_dates(performance.page_id).exists()
    if has_passes and EventSale.objects.filter(performance=performance).exclude(pk=but).exists():
        raise SecondSale()


def find_date_to_copy(page, *, but=None):
    """The last date of the page that has a sale, whose tickets a new one is likely to have; None without any."""
    return page.performances.exclude(sales=None).exclude(pk=but).distinct().last()
