"""An event is its dates, whatever happens to them in whatever order.

Organisers add, move, rename, call off, postpone, bring back and delete dates; people buy for one date or for all, and
come to the door; days pass. After every step lists, structured data, calendar files and door lists say what the dates
say, a subscribed calendar is told of every change, and every ticket that was bought is there. At the end the pages
themselves say it too.
"""

import json
import re
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from events_pages.dates import edits
from events_pages.enums import LegalKind, Parish, PerformanceStatus
from events_pages.models import EventPage, Performance
from events_pages.public import calendar_file, event_list, feeds, structured_data
from tests.calendars import read_entries
from tests.factories import make_event, make_legal_page, make_pass, make_performance, make_sale, make_type, make_venue
from tests.stories import ANA
from ticketing.documents.calendar import build_order_calendar
from ticketing.domain.admission import checkin, order_search
from ticketing.domain.errors import TicketingError
from ticketing.domain.orders import placement
from ticketing.domain.stock import allocation, basket_contents, holds
from ticketing.enums import CheckInResult
from ticketing.models import (
    Basket,
    BasketLine,
    ChangeNotice,
    CheckIn,
    Delivery,
    EventSale,
    Order,
    OrderLine,
    Ticket,
    TicketType,
)

ROWS = (CheckIn, Ticket, Delivery, ChangeNotice, OrderLine, Order, BasketLine, Basket)
ROWS += (TicketType, EventSale, Performance)


def is_postponed(date):
    return date.status == PerformanceStatus.POSTPONED


def in_order(date):
    return date.starts_at, date.pk


IN_CALENDARS = {PerformanceStatus.CANCELLED: "CANCELLED", PerformanceStatus.POSTPONED: "TENTATIVE"}
TOLD = ("SUMMARY", "DTSTART", "DTEND", "DURATION", "LOCATION", "STATUS", "DESCRIPTION")
STRUCTURED = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
HOUR = timedelta(hours=1)
some = st.integers(0, 11)
days = st.sampled_from([-2, 1, 1, 3, 7, 30])
EXAMPLES = settings.default.max_examples // 3


class Programme(RuleBasedStateMachine):
    clock = pages = client = None
    turn = 0

    @initialize(first=days, nights=st.integers(1, 3), takes_date_seats=st.booleans())
    def open(self, first, nights, takes_date_seats):
        for model in ROWS:
            model.objects.all().delete()
        self.bought, self.admitted, self.entries = {}, set(), {}
        start = timezone.now().replace(microsecond=0) + abs(first) * timedelta(days=1)
        for page in self.pages:
            page.__dict__.pop("schedule", None)
            for night in range(nights):
                date = make_performance(page, starts_at=start + night * timedelta(days=1))
                make_type(make_sale(performance=date, capacity=4), price="0.00")
        self.festival = self.pages[0]
        everything = make_pass(self.festival, capacity=3, takes_date_seats=takes_date_seats)
        make_type(everything, name="Pass", price="0.00")
        self.buy(0, 1)

    # Organisers

    @rule(which=some, after=days, hours=st.sampled_from([0, 5]), long=st.booleans(), on_sale=st.booleans())
    def add(self, which, after, hours, long, on_sale):
        page = self.pages[which % len(self.pages)]
        start = timezone.now().replace(microsecond=0) + after * timedelta(days=1) + hours * HOUR
        date = edits.add_performance(page, starts_at=start, ends_at=start + 50 * HOUR if long else None)
        if on_sale:
            make_type(make_sale(performance=date, capacity=4), price="0.00")

    @rule(which=some, by=days, moves_status=st.booleans())
    def move(self, which, by, moves_status):
        date = self.pick_date(which)
        shift = by * timedelta(days=1)
        status = {"status": PerformanceStatus.RESCHEDULED} if moves_status else {}
        doors = date.doors_at + shift if date.doors_at else None
        end = None if date.is_end_estimated else date.ends_at + shift
        edits.change_performance(date, starts_at=date.starts_at + shift, ends_at=end, doors_at=doors, **status)

    @rule(which=some, what=st.sampled_from(["name", "doors", "end", "venue", "nothing"]))
    def edit(self, which, what):
        date = self.pick_date(which)
        changes = {
            "name": {"name": "Matinée"},
            "doors": {"doors_at": date.starts_at - HOUR / 2},
            "end": {"ends_at": date.starts_at + 2 * HOUR},
            "venue": {"venue": self.barn},
            "nothing": {"starts_at": date.starts_at},
        }
        edits.change_performance(date, **changes[what])

    @rule(which=some, status=st.sampled_from(PerformanceStatus), note=st.sampled_from(["", "Gales are forecast."]))
    def call(self, which, status, note):
        edits.change_performance(self.pick_date(which), status=status, status_note=note)

    @rule(which=some)
    def delete(self, which):
        with suppress(ProtectedError), transaction.atomic():
            edits.delete_performance(self.pick_date(which))

    # Buyers and the door

    @rule(which=some, quantity=st.integers(1, 2))
    def buy(self, which, quantity):
        sales = list(EventSale.objects.order_by("performance", "pk"))
        sale = sales[which % len(sales)]
        with suppress(TicketingError), transaction.atomic():
            basket = holds.hold_seats(None, sale=sale, quantities={sale.ticket_types.get().pk: quantity})
            key = basket_contents.merchant_group_key(sale)
            order = placement.place_order(basket, merchant_group_key=key, **ANA)
            tickets = Ticket.objects.filter(line__order=order)
            assert tickets.count() == quantity
            self.bought |= dict.fromkeys(tickets.values_list("code", flat=True), sale)

    @precondition(lambda self: self.bought)
    @rule(which=some, where=some)
    def come(self, which, where):
        date, code = self.pick_date(where), sorted(self.bought)[which % len(self.bought)]
        sale = self.bought[code]
        expected = CheckInResult.ACCEPTED
        if date.status == PerformanceStatus.CANCELLED:
            expected = CheckInResult.CALLED_OFF
        elif not self.admits(sale, date):
            expected = CheckInResult.WRONG_EVENT
        elif (code, date.pk) in self.admitted:
            expected = CheckInResult.ALREADY_USED
        assert checkin.redeem_ticket(code, performance=date, by=None).result == expected
        if expected == CheckInResult.ACCEPTED:
            self.admitted.add((code, date.pk))

    @rule(hours=st.sampled_from([2, 20, 24 * 5]))
    def wait(self, hours):
        self.clock.shift(hours * HOUR)

    # What always holds

    @invariant()
    def no_ticket_is_lost(self):
        assert set(Ticket.objects.exclude(state="void").values_list("code", flat=True)) == set(self.bought)
        assert all(sale.schedule.performances for sale in EventSale.objects.select_related("page", "performance"))
        assert allocation.audit_counters() == []

    @invariant()
    def lists_say_what_the_dates_say(self):
        now, live = timezone.now(), EventPage.objects.live()
        upcoming, past = event_list.list_upcoming(live, now), event_list.list_past(live, now)
        ahead = {page: dates for page in self.pages if (dates := [d for d in self.dates_of(page) if d.ends_at > now])}
        shown = [min(dates, key=lambda d: (not d.takes_place, d.starts_at, d.pk)) for dates in ahead.values()]
        rest = {page: self.dates_of(page) for page in self.pages if page not in ahead and self.dates_of(page)}
        waiting = {page: held for page, dates in rest.items() if (held := [d for d in dates if is_postponed(d)])}
        last = sorted((max(held, key=in_order) for held in waiting.values()), key=in_order)
        listed = list(upcoming[:50])
        assert [page.shown for page in listed] == [*sorted(shown, key=in_order), *last]
        for page in listed:
            others = [d for d in ahead.get(page, ()) if d.takes_place and d != page.shown]
            assert page.more_dates == len(others)
        over = [page for page in rest if page not in waiting]
        assert set(past[:50]) == set(over)

    @invariant()
    def structured_data_says_what_the_dates_say(self):
        for page in self.pages:
            page.__dict__.pop("schedule", None)
            told = structured_data.build_page_data(page, None, None, list_offers=lambda _date: [])
            self.compare_structured(told, page)

    def compare_structured(self, told, page):
        dates = self.dates_of(page)
        chosen = [d for d in dates if not d.is_over(timezone.now())] or dates
        said = told.get("subEvent", [told])
        assert [(each["startDate"], each["eventStatus"].rpartition("/")[2]) for each in said] == [
            (timezone.localtime(d.starts_at).isoformat(timespec="minutes"), structured_data.STATUS[d.status])
            for d in chosen
        ]

    @invariant()
    def calendars_say_what_the_dates_say(self):
        for page in self.pages:
            dates = feeds.list_dates_of_event(page)
            file = calendar_file.build_calendar(feeds.describe_dates_of_event(dates, page, None))
            self.compare_calendar(file, self.dates_of(page), lambda date: date.pk)
        for order in self.one_of(Order):
            line = order.lines.select_related("sale__page", "sale__performance").get()
            dates = [d for d in Performance.objects.filter(page=line.sale.page) if self.admits(line.sale, d)]
            self.compare_calendar(build_order_calendar(order), dates, lambda date, order=order: (order.pk, date.pk))

    def compare_calendar(self, file, dates, key):
        entries = read_entries(file)
        assert sorted(each.start for each in entries) == sorted(date.starts_at for date in dates)
        for entry in entries:
            number = int(re.search(r"-(\d+)(@|$)", entry["UID"])[1])
            (date,) = dates if len(dates) == 1 else [each for each in dates if each.pk == number]
            assert (entry.start, entry.end) == (date.starts_at, date.ends_at)
            assert entry["STATUS"] == IN_CALENDARS.get(date.status, "CONFIRMED")
            self.compare_with_last_file(entry, key(date))

    def compare_with_last_file(self, entry, key):
        """What a subscribed calendar keeps: the same UID for good, and a higher SEQUENCE whenever it says anew."""
        told = tuple(entry[name].to_ical() if name in entry else b"" for name in TOLD)
        uid, sequence, before = self.entries.get(key, (entry["UID"], -1, None))
        assert entry["UID"] == uid
        assert entry["SEQUENCE"] > sequence if told != before else entry["SEQUENCE"] >= sequence
        self.entries[key] = (uid, entry["SEQUENCE"], told)

    @invariant()
    def door_lists_say_what_was_sold(self):
        for date in Performance.objects.select_related("page"):
            wanted = self.codes_for(date)
            used = {code for code in wanted if (code, date.pk) in self.admitted}
            counts = {"used": len(used), "to_come": len(wanted) - len(used), "total": len(wanted)}
            assert checkin.count_admissions(date) == counts
        for date in self.one_of(Performance):
            found = order_search.find_tickets_at_door(date, "vibert", most=100)
            assert {ticket.code for ticket in found} == {
                c for c, sale in self.bought.items() if self.admits(sale, date)
            }

    def teardown(self):
        """What people see."""
        for page in self.pages:
            answer = self.client.get(f"{page.get_url()}?fresh={timezone.now().timestamp()}")
            (told,) = STRUCTURED.findall(answer.text) or ["{}"]
            self.compare_structured(json.loads(told), page)
        for order in Order.objects.all()[:2]:
            sale = order.lines.get().sale
            shown = self.client.get(order.get_absolute_url()).text
            for date in sale.schedule if not sale.is_pass else []:
                assert f"{timezone.localtime(date.starts_at):%H:%M}" in shown

    def one_of(self, model):
        """Another one after each step: all of them would take too long."""
        rows = list(model.objects.order_by("pk"))
        self.turn += 1
        return rows and [rows[self.turn % len(rows)]]

    def codes_for(self, date):
        return {code for code, sale in self.bought.items() if self.admits(sale, date)}

    def admits(self, sale, date):
        return sale.page_id == date.page_id if sale.performance_id is None else sale.performance_id == date.pk

    def dates_of(self, page):
        return list(Performance.objects.filter(page=page).order_by("starts_at", "pk"))

    def pick_date(self, which):
        dates = list(Performance.objects.select_related("page", "venue").order_by("pk"))
        return dates[which % len(dates)]


@pytest.fixture
def programme(db, client):
    make_legal_page(LegalKind.TERMS, version=ANA["terms_version"])
    pages = [make_event("Island Fair", starts_at=False), make_event("Every Tuesday", starts_at=False)]
    with time_machine.travel("2027-03-13T18:00:00Z", tick=False) as clock:
        own = {"clock": clock, "pages": pages, "client": client, "barn": make_venue("Barn", Parish.ST_MARY)}
        yield type("OurProgramme", (Programme,), own)


def test_everything_says_what_the_dates_say(programme):
    run_state_machine_as_test(
        programme,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
