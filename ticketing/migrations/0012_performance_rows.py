"""Every date becomes a row: one for each moment at which a page has sales, the page's own where it has none.

What the page said of its only date, it said of all: doors and length go to every date that begins at the same hour, its
status to all of them. An end that was not said is taken to be three hours after the start, and marked as a guess.
"""

from collections import defaultdict
from datetime import timedelta

from django.db import migrations
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.dateparse import parse_datetime

BATCH = 500
MOMENTS = ("starts_at", "ends_at", "doors_at")
READ = (*MOMENTS, "status", "status_note", "link", "live", "first_published_at", "latest_revision_id")
ONE_DAY, USUAL_LENGTH = timedelta(days=1), timedelta(hours=3)


def make_performances(apps, schema_editor):
    pages = apps.get_model("events_pages", "EventPage").objects.only(*READ).order_by("pk")
    last = 0
    while batch := list(pages.filter(pk__gt=last)[:BATCH]):
        read_drafts(apps, batch)
        make_batch(apps, batch)
        last = batch[-1].pk
    attach_sales(apps)
    mark_sold_elsewhere(apps)
    move_check_ins(apps)


def read_drafts(apps, pages):
    """What nobody has published yet stands in its last version alone."""
    drafts = {page.latest_revision_id: page for page in pages if page.first_published_at is None and not page.live}
    for revision in apps.get_model("wagtailcore", "Revision").objects.filter(pk__in=[pk for pk in drafts if pk]):
        page, said = drafts[revision.pk], revision.content
        for name in MOMENTS:
            setattr(page, name, parse_datetime(said.get(name) or "") or getattr(page, name))
        page.status = said.get("status") or page.status
        page.status_note = said.get("status_note") or page.status_note


def make_batch(apps, pages):
    sale_model, performance = apps.get_model("ticketing", "EventSale"), apps.get_model("events_pages", "Performance")
    names = defaultdict(lambda: defaultdict(list))
    undated = sale_model.objects.filter(page__in=pages, performance=None, starts_at__isnull=False)
    for page, start, name in undated.order_by("starts_at", "pk").values_list("page", "starts_at", "name"):
        names[page][start].append(name)
    there = set(performance.objects.filter(page__in=pages).values_list("page", "starts_at"))
    have_dates = {page for page, start in there}
    made = []
    for page in pages:
        own = {page.starts_at: []} if page.starts_at and page.pk not in have_dates else {}
        by_start = names[page.pk] or own
        new = [start for start in by_start if (page.pk, start) not in there]
        made += [build_date(performance, page, start, by_start) for start in new]
    performance.objects.bulk_create(made)


def attach_sales(apps):
    """To the date at its moment; a name that the date has taken is not said twice."""
    dates = apps.get_model("events_pages", "Performance").objects
    here = dates.filter(page=OuterRef("page"), starts_at=OuterRef("starts_at")).order_by("pk")
    sales = apps.get_model("ticketing", "EventSale").objects
    sales.filter(performance=None, starts_at__isnull=False).update(performance=Subquery(here.values("pk")[:1]))
    sales.exclude(name="").filter(performance__name=F("name")).update(name="")


def build_date(performance, page, start, by_start):
    names = by_start[start]
    said = find_end(page, start, by_start)
    end = said or start + USUAL_LENGTH
    return performance(
        page=page,
        name=names[0] if len(names) == 1 else "",
        starts_at=start,
        ends_at=end,
        is_end_estimated=said is None,
        is_long=end - start > ONE_DAY,
        doors_at=find_doors(page, start),
        status="scheduled" if page.status == "elsewhere" else page.status,
        status_note=page.status_note,
        link=page.link if page.status == "moved_online" else "",
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
    if not page.doors_at or not page.starts_at or page.doors_at > page.starts_at:
        return None
    if hour_of(start) != hour_of(page.starts_at):
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
