"""A page's own date and the dates of its sales become rows; nothing that was said of them is lost."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from events_pages.models import EventPage, Performance
from tests.earlier_rows import BEFORE, EVENING, EarlierRows

RULES = import_module("ticketing.migrations.0012_performance_rows")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def before(transactional_db, settings):
    settings.MIGRATION_MODULES = {}
    MigrationExecutor(connection).migrate(BEFORE)
    try:
        yield EarlierRows(MigrationExecutor(connection).loader.project_state(BEFORE).apps)
    finally:
        call_command("flush", interactive=False, verbosity=0)
        migrate_to_today()


def migrate_to_today():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def dates_of(page):
    return list(Performance.objects.filter(page=page.pk).order_by("starts_at", "pk"))


def test_every_row_of_the_last_release_is_told_again(before):
    """One story for all: going back and forth takes longer than any of these."""
    told = [tell(before) for tell in STORIES]
    migrate_to_today()
    for check in told:
        check()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ticketing_eventsale WHERE performance_id IS NULL")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM ticketing_checkin WHERE performance_id IS NULL")
        assert cursor.fetchone() == (0,)


def tell_of_one_evening(before):
    page = before.page("Concert", starts_at=EVENING, ends_at=EVENING + 2 * HOUR, doors_at=EVENING - HOUR / 2)
    sale = before.sale(page, EVENING)
    ticket = before.ticket(sale)
    scan, refused = before.check_in(sale, ticket), before.check_in(sale, result="unknown")

    def check():
        (date,) = dates_of(page)
        assert (date.starts_at, date.ends_at) == (EVENING, EVENING + 2 * HOUR)
        assert (date.doors_at, date.name, date.status) == (EVENING - HOUR / 2, "", "scheduled")
        assert (date.is_end_estimated, date.is_long, date.sequence, date.venue) == (False, False, 0, None)
        assert [sale.pk for sale in date.sales.all()] == [sale.pk]
        assert list(date.sales.values_list("tickets__code", "tickets__state")) == [(ticket.code, "valid")]
        assert set(date.check_ins.values_list("pk", "ticket", "result")) == {
            (scan.pk, ticket.pk, "accepted"),
            (refused.pk, None, "unknown"),
        }

    return check


def tell_of_an_evening_whose_end_nobody_said(before):
    page = before.page("Open end", starts_at=EVENING)

    def check():
        (date,) = dates_of(page)
        assert (date.ends_at, date.is_end_estimated, date.doors_at) == (EVENING + 3 * HOUR, True, None)

    return check


def tell_of_a_run(before):
    """The page's end was that of the last night."""
    nights = [EVENING + number * DAY for number in range(3)]
    page = before.page("Play", starts_at=nights[0], ends_at=nights[2] + 2 * HOUR, doors_at=nights[0] - HOUR)
    sales = [before.sale(page, night, name) for night, name in zip(nights, ["Friday", "", "Last night"], strict=True)]

    def check():
        dates = dates_of(page)
        assert [date.starts_at for date in dates] == nights
        assert [date.name for date in dates] == ["Friday", "", "Last night"]
        assert {date.ends_at - date.starts_at for date in dates} == {2 * HOUR}
        assert {date.starts_at - date.doors_at for date in dates} == {HOUR}
        assert [list(date.sales.values_list("pk", "name")) for date in dates] == [[(sale.pk, "")] for sale in sales]

    return check


def tell_of_a_matinee_and_an_evening(before):
    """Doors and end were those of the evening that the page gave; nobody spoke of the other's."""
    afternoon = EVENING - 5 * HOUR
    page = before.page("Panto", starts_at=EVENING, ends_at=EVENING + 2 * HOUR, doors_at=EVENING - HOUR)
    for start, name in ((afternoon, "Matinée"), (EVENING, "Evening")):
        before.sale(page, start, name)

    def check():
        first, second = dates_of(page)
        assert (first.name, first.doors_at, first.is_end_estimated) == ("Matinée", None, True)
        assert first.ends_at == afternoon + 3 * HOUR
        assert (second.name, second.doors_at, second.ends_at) == ("Evening", EVENING - HOUR, EVENING + 2 * HOUR)

    return check


def tell_of_a_festival_of_one_sale(before):
    page = before.page("Festival", starts_at=EVENING, ends_at=EVENING + 2 * DAY)
    sale = before.sale(page, EVENING, "Weekend")

    def check():
        (date,) = dates_of(page)
        assert (date.ends_at, date.is_long, date.name) == (EVENING + 2 * DAY, True, "Weekend")
        assert date.sales.get().pk == sale.pk

    return check


def tell_of_two_sales_at_one_moment(before):
    page = before.page("Gig", starts_at=EVENING)
    sales = [before.sale(page, EVENING, name) for name in ("Stalls", "Balcony")]
    tickets = [before.ticket(sale) for sale in sales]

    def check():
        (date,) = dates_of(page)
        assert date.name == ""
        assert list(date.sales.order_by("pk").values_list("name", "tickets__code")) == [
            ("Stalls", tickets[0].code),
            ("Balcony", tickets[1].code),
        ]

    return check


def tell_of_a_page_and_a_sale_that_disagree(before):
    """The ticket is right: people hold it."""
    page = before.page("Saturday", starts_at=EVENING, doors_at=EVENING - HOUR)
    before.sale(page, EVENING + DAY)

    def check():
        (date,) = dates_of(page)
        assert (date.starts_at, date.doors_at) == (EVENING + DAY, EVENING + DAY - HOUR)

    return check


def tell_of_drafts(before):
    empty = before.page("No date yet", live=False)
    sold = before.page("Sold before it was dated", live=False)
    sale = before.sale(sold, EVENING)
    written = before.page("Dated in its last version", live=False)
    version = before.model("Revision", "wagtailcore").objects.create(
        content_type_id=written.content_type_id,
        base_content_type_id=written.content_type_id,
        object_id=str(written.pk),
        content={"starts_at": "2027-07-02T18:30:00Z", "ends_at": None, "status": "postponed"},
        created_at=EVENING - DAY,
    )
    type(written).objects.filter(pk=written.pk).update(latest_revision=version)

    def check():
        assert dates_of(empty) == []
        (date,) = dates_of(sold)
        assert (date.starts_at, date.sales.get().pk) == (EVENING, sale.pk)
        (date,) = dates_of(written)
        assert (date.starts_at, date.status, date.is_end_estimated) == (EVENING, "postponed", True)

    return check


def tell_of_every_status(before):
    told = {"status_note": "Gales.", "link": "https://watch.example.je/", "starts_at": EVENING}
    names = ("cancelled", "postponed", "moved_online", "elsewhere")
    pages = {name: before.page(name, status=name, **told) for name in names}

    def check():
        dates = {name: dates_of(page)[0] for name, page in pages.items()}
        assert [dates[name].status for name in names] == ["cancelled", "postponed", "moved_online", "scheduled"]
        assert {date.status_note for date in dates.values()} == {"Gales."}
        assert {name: date.link for name, date in dates.items() if date.link} == {"moved_online": told["link"]}
        entries = {name: EventPage.objects.get(pk=page.pk).entry for name, page in pages.items()}
        assert entries == {"cancelled": "", "postponed": "", "moved_online": "", "elsewhere": "elsewhere"}
        assert EventPage.objects.get(pk=pages["elsewhere"].pk).link == told["link"]

    return check


def tell_of_running_it_twice(before):
    """A process of the last release may still write: what it writes joins what is there."""
    page = before.page("Twice", starts_at=EVENING)
    first = before.sale(page, EVENING)
    late = []
    middle = [("events_pages", "0008_performance"), ("ticketing", "0012_performance_rows")]

    def check():
        apps = MigrationExecutor(connection).loader.project_state(middle).apps
        before.apps = apps
        counts = [apps.get_model("events_pages", "Performance").objects.count()]
        late.append(before.sale(apps.get_model("events_pages", "EventPage").objects.get(pk=page.pk), EVENING, "Late"))
        late.append(before.sale(late[0].page, EVENING + DAY))
        RULES.make_performances(apps, None)
        RULES.make_performances(apps, None)
        counts.append(apps.get_model("events_pages", "Performance").objects.count())
        assert counts[1] == counts[0] + 1
        one, other = dates_of(page)
        assert [sale.pk for sale in one.sales.order_by("pk")] == [first.pk, late[0].pk]
        assert other.sales.get().pk == late[1].pk

    return check


STORIES = [told for name, told in list(globals().items()) if name.startswith("tell_")]
