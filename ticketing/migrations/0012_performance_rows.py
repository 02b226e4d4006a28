"""Every date becomes a row: one for each moment at which a page has sales, the page's own where it has none.

What the page said of its only date, it said of all: doors and length go to every date that begins at the same hour, its
status to all of them. An end that was not said is taken to be three hours after the start, and marked as a guess.
"""

from collections import defaultdict
from datetime import timedelta

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.utils import timezone

BATCH = 500
ONE_DAY, USUAL_LENGTH = timedelta(days=1), timedelta(hours=3)


def make_performances(apps, schema_editor):
    pages = apps.get_model("events_pages", "EventPage").objects.exclude(starts_at=None).order_by("pk")
    last = 0
    while batch := list(pages.filter(pk__gt=last)[:BATCH]):
        make_batch(apps, batch)
        last = batch[-1].pk
    mark_sold_elsewhere(apps)
    move_check_ins(apps)


def make_batch(apps, pages):
    sale_model, performance = apps.get_model("ticketing", "EventSale"), apps.get_model("events_pages", "Performance")
    sales = defaultdict(lambda: defaultdict(list))
    for sale in sale_model.objects.filter(page__in=pages, performance=None).order_by("starts_at", "pk"):
        sales[sale.page_id][sale.starts_at].append(sale)
    made = []
    for page in pages:
        by_start = sales[page.pk] or {page.starts_at: []}
        made += [build_date(performance, page, start, of_start, by_start) for start, of_start in by_start.items()]
    performance.objects.bulk_create(made)
    changed = [attach_sale(sale, date) for date in made for sale in sales[date.page_id].get(date.starts_at, [])]
    sale_model.objects.bulk_update(changed, ["performance", "name"], batch_size=BATCH)


def attach_sale(sale, date):
    sale.performance = date
    sale.name = "" if sale.name == date.name else sale.name
    return sale


def build_date(performance, page, start, sales, by_start):
    said = find_end(page, start, by_start)
    end = said or start + USUAL_LENGTH
    return performance(
        page=page,
        name=sales[0].name if len(sales) == 1 else "",
        starts_at=start,
        ends_at=end,
        is_end_estimated=said is None,
        is_long=end - start > ONE_DAY,
        doors_at=find_doors(page, start),
        status="scheduled" if page.status == "elsewhere" else page.status,
        status_note=page.status_note,
        link=page.link if page.status == "moved_online" else "",
        changed_at=page.last_published_at or timezone.now(),
    )


def find_end(page, start, by_start):
    """A page's end was the end of its last date; None where nobody said the end of this one."""
    last = max(by_start)
    if not page.ends_at or page.ends_at <= last:
        return None
    length = page.ends_at - last
    if len(by_start) == 1 or start == last:
        return page.ends_at
    return start + length if length <= ONE_DAY and hour_of(start) == hour_of(last) else None


def find_doors(page, start):
    """Not of a matinee, when the page spoke of the evening."""
    if not page.doors_at or page.doors_at > page.starts_at or hour_of(start) != hour_of(page.starts_at):
        return None
    ahead = page.starts_at - page.doors_at
    return start - ahead if ahead <= ONE_DAY else None


def hour_of(moment):
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return local.hour, local.minute


def mark_sold_elsewhere(apps):
    apps.get_model("events_pages", "EventPage").objects.filter(status="elsewhere").update(entry="elsewhere")


def move_check_ins(apps):
    sale = apps.get_model("ticketing", "EventSale").objects.filter(pk=OuterRef("sale"))
    rows = apps.get_model("ticketing", "CheckIn").objects.filter(performance=None)
    rows.update(performance=Subquery(sale.values("performance")[:1]))


class Migration(migrations.Migration):
    dependencies = [("events_pages", "0008_performance"), ("ticketing", "0011_performance")]
    run_before = [("events_pages", "0009_dates_moved")]

    operations = [migrations.RunPython(make_performances, migrations.RunPython.noop)]
