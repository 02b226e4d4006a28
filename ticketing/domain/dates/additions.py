"""New dates, alone or with the tickets of another."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events_pages.dates import edits
from events_pages.dates.island_clock import shift_moment
from ticketing.domain.dates.copies import copy_sales
from ticketing.domain.errors import TicketingError


class DateThere(TicketingError):
    default = _("There is a date at this moment already. Give this one a name of its own.")


@transaction.atomic
def add_date(page, *, tickets_of=None, is_active=None, by=None, **fields):
    """The new Performance; with the same tickets as the date `tickets_of`. `is_active` as `copy_sales` takes it. Raises
    DateThere."""
    edits.lock_dates(page)
    same = {name: fields.get(name) or empty for name, empty in (("starts_at", None), ("name", ""), ("venue", None))}
    if page.performances.filter(**same).exists():
        raise DateThere
    made = edits.add_performance(page, by=by, **fields)
    if tickets_of:
        copy_sales(tickets_of, made, is_active=is_active, by=by)
    return made


def copy_date(source, *, starts_at, name, with_tickets=True, is_active=None, by=None):
    """The same at another moment, with its tickets: doors, end and sale windows keep their distance to the start."""
    moved = {"start": source.starts_at, "to": starts_at}
    return add_date(
        source.page,
        starts_at=starts_at,
        ends_at=shift_moment(source.said_end, **moved),
        doors_at=shift_moment(source.doors_at, **moved),
        name=name,
        venue=source.venue,
        tickets_of=source if with_tickets else None,
        is_active=is_active,
        by=by,
    )
