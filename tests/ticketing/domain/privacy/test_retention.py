"""Nobody is kept for ever: when a buyer goes, what waits, and that no figure moves."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.models import Site

from events_pages.enums import PerformanceStatus
from events_pages.models import EventIndexPage, HomePage, SiteSettings
from tests.factories import (
    make_event,
    make_home,
    make_order,
    make_pass,
    make_performance,
    make_root,
    make_sale,
    make_type,
    make_wish,
)
from ticketing import tasks
from ticketing.domain.accounting import statements
from ticketing.domain.catalogue import performance_ends
from ticketing.domain.privacy import erasure, retention, retention_dates
from ticketing.domain.stock import holds
from ticketing.enums import ErasureKind, OrderState
from ticketing.models import Basket, Erasure, EventSale, Order, OrderLine

pytestmark = pytest.mark.django_db

EMAIL = "ana@example.je"
DAY = timedelta(days=1)


def ended(days, **fields):
    """An order whose performance ended so many days ago."""
    event = make_event(starts_at=timezone.now() - timedelta(days=days, hours=3))
    return make_order(make_type(make_sale(event), price="12.50"), buyer_email=EMAIL, **fields)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def keep_for(days, site=None):
    own = SiteSettings.for_site(site or make_home().get_site())
    own.retention_days = days
    own.save()
    from events_pages.public import content_version

    content_version.purge_pages()


def test_it_works():
    early, late = ended(59), ended(61)
    due, certificate = retention.purge_expired_data()
    assert (due.orders, certificate.kind, certificate.orders, certificate.tickets) == (1, ErasureKind.RETENTION, 1, 2)
    assert fresh(early).buyer_email == EMAIL
    assert (fresh(late).buyer_name, fresh(late).buyer_email) == ("", "")
    assert certificate.ended_before
    assert certificate.subject == ""
    assert retention.purge_expired_data() == (retention.PurgePlan(0, 0, 0), None)
    assert Erasure.objects.count() == 1


def test_a_dry_run_changes_nothing():
    order = ended(61)
    due, certificate = retention.purge_expired_data(dry_run=True)
    assert (due.orders, certificate) == (1, None)
    assert fresh(order).buyer_email
    assert not Erasure.objects.exists()


FIELDS = [field.attname for field in OrderLine._meta.concrete_fields]


def test_the_figures_stay():
    order = ended(61)
    page = order.lines.get().sale.page
    lines = OrderLine.objects.values(*(name for name in FIELDS if name != "search_words"))
    before = statements.build_statement(page), list(lines), list(EventSale.objects.values())
    retention.purge_expired_data()
    after = statements.build_statement(page), list(lines.all()), list(EventSale.objects.values())
    assert (after[0].rows, after[0].total) == (before[0].rows, before[0].total)
    assert after[1:] == before[1:]


def test_the_last_performance_of_an_order_counts():
    order = ended(61)
    line = ended(2).lines.get()
    OrderLine.objects.filter(pk=line.pk).update(order=order)
    retention.purge_expired_data()
    assert fresh(order).buyer_email


def test_each_site_has_its_own_time():
    order = ended(10)
    keep_for(9)
    other_home = make_root().add_child(instance=HomePage(title="Other", slug="other"))
    other = Site.objects.create(hostname="other.je", root_page=other_home)
    index = other_home.add_child(instance=EventIndexPage(title="Events", slug="other-events"))
    event = make_event(starts_at=timezone.now() - timedelta(days=10), parent=index)
    elsewhere = make_order(make_type(make_sale(event)), buyer_email="bob@example.je")
    keep_for(30, other)
    retention.purge_expired_data()
    assert not fresh(order).buyer_email
    assert fresh(elsewhere).buyer_email


@pytest.mark.parametrize("state", [OrderState.PENDING_VERIFICATION, OrderState.REQUIRES_MANUAL_REVIEW])
def test_open_money_waits_and_is_counted(state):
    order = ended(61)
    Order.objects.update(state=state)
    due, _certificate = retention.purge_expired_data()
    assert (due.orders, due.waiting) == (0, 1)
    assert fresh(order).buyer_email


@pytest.mark.parametrize("state", [OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED, OrderState.REFUNDED])
def test_orders_that_came_to_nothing_go_too(state):
    order = ended(61, state=state)
    retention.purge_expired_data()
    assert not fresh(order).buyer_email


def test_batches_find_every_order(monkeypatch):
    monkeypatch.setattr(erasure, "BATCH", 2)
    stuck, *others = [ended(61) for _ in range(5)]
    Order.objects.filter(pk=stuck.pk).update(state=OrderState.PENDING_VERIFICATION)
    assert retention.purge_expired_data()[1].orders == len(others)


class TestTheEnd:
    """When a performance is over."""

    start = timezone.now().replace(microsecond=0)

    def sale(self, ends=None, **fields):
        event = make_event(starts_at=self.start, ends_at=ends and self.start + ends, **fields)
        return make_sale(event)

    def test_as_the_page_says(self):
        assert performance_ends.performance_end_of(self.sale(timedelta(hours=2))) == self.start + timedelta(hours=2)

    def test_the_usual_length_where_it_says_nothing(self):
        assert performance_ends.performance_end_of(self.sale()) == self.start + timedelta(hours=3)

    def test_a_festival_of_three_days(self):
        assert performance_ends.performance_end_of(self.sale(3 * DAY)) == self.start + 3 * DAY

    def test_the_first_evening_of_a_run_ends_that_evening(self):
        first = self.sale()
        last = make_sale(first.page, starts_at=self.start + 20 * DAY)
        assert performance_ends.performance_end_of(first) == self.start + timedelta(hours=3)
        assert performance_ends.performance_end_of(last) == self.start + 20 * DAY + timedelta(hours=3)

    def test_a_pass_is_over_with_its_last_date(self):
        run = make_pass(self.sale().page)
        make_performance(run.page, starts_at=self.start + 20 * DAY)
        assert performance_ends.performance_end_of(run) == self.start + 20 * DAY + timedelta(hours=3)

    def test_a_pass_with_a_postponed_date_is_not_over(self):
        run = make_pass(self.sale().page)
        make_performance(run.page, starts_at=self.start + DAY, status=PerformanceStatus.POSTPONED)
        order = make_order(make_type(run))
        assert retention_dates.erasure_date_of(order.lines.all()) is None
        with time_machine.travel(self.start + 400 * DAY):
            assert performance_ends.list_recent_sales(timezone.now()) == [run.pk]
            assert retention.plan_purge(timezone.now()).orders == 0

    def test_what_is_called_off_ends_when_it_would_have(self):
        sale = self.sale(status=PerformanceStatus.CANCELLED)
        assert performance_ends.performance_end_of(sale) == self.start + timedelta(hours=3)

    @pytest.mark.parametrize("passes", [1, 4])
    def test_any_number_of_passes_costs_one_statement(self, passes, django_assert_num_queries):
        for _ in range(passes):
            make_pass(self.sale().page)
        with django_assert_num_queries(1):
            assert len(performance_ends.list_recent_sales(self.start)) == 2 * passes

    def test_postponed_means_not_yet(self):
        sale = self.sale(status=PerformanceStatus.POSTPONED)
        assert performance_ends.performance_end_of(sale) is None
        order = make_order(make_type(sale))
        assert retention_dates.erasure_date_of(order.lines.all()) is None
        with time_machine.travel(self.start + 400 * DAY):
            assert retention.plan_purge(timezone.now()).orders == 0


def test_the_date_that_is_promised_is_the_night_that_erases():
    evening = timezone.localtime(timezone.now() + 3 * DAY).replace(hour=19)  # over before midnight
    order = make_order(make_type(make_sale(make_event(starts_at=evening))), buyer_email=EMAIL)
    promised = retention_dates.erasure_date_of(order.lines.all())
    night = timezone.localtime().replace(hour=4, minute=10) + (promised - timezone.localdate())
    with time_machine.travel(night - DAY):
        tasks.nightly_erasure.call_local()
        assert fresh(order).buyer_email
    with time_machine.travel(night):
        tasks.nightly_erasure.call_local()
    assert not fresh(order).buyer_email


def test_a_basket_goes_after_a_day_but_never_a_seat_that_is_held(client):
    old, young, held = (Basket.objects.create(buyer_email=EMAIL) for _ in range(3))
    make_wish(make_type(), basket=old)
    adult = make_type()
    holds.hold_seats(held, sale=adult.sale, quantities={adult.pk: 1})
    Basket.objects.exclude(pk=young.pk).update(created_at=timezone.now() - 2 * DAY)
    due, certificate = retention.purge_expired_data()
    assert (due.baskets, certificate.baskets) == (1, 1)
    assert set(Basket.objects.all()) == {young, held}


def run(*args):
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_purge_expired_data_says_first_and_does_it_on_yes(monkeypatch):
    order = ended(61)
    assert "1 orders whose buyer goes; 0 wait" in run("purge_expired_data", "--dry-run")
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    assert "Nothing was erased" in run("purge_expired_data")
    assert fresh(order).buyer_email
    assert "1 orders, 2 tickets, 0 baskets" in run("purge_expired_data", "--yes")
    assert not fresh(order).buyer_email
    assert "Nothing is due" in run("purge_expired_data", "--yes")


def test_erase_person_says_first_and_does_it_on_yes(monkeypatch):
    order, coming = ended(1), make_order(make_type(), buyer_email=EMAIL)
    said = run("erase_person", EMAIL, "--dry-run")
    assert f"{order.reference}: goes" in said
    assert f"{coming.reference}: waits, its tickets are for an event that is still to come" in said
    monkeypatch.setattr("builtins.input", lambda _question: "")
    with pytest.raises(CommandError, match="Nothing was erased"):
        run("erase_person", EMAIL)
    assert fresh(order).buyer_email
    assert "1 orders, 2 tickets" in run("erase_person", EMAIL, "--yes")
    assert not fresh(order).buyer_email


def test_erase_person_notices_a_typing_error():
    with pytest.raises(CommandError) as error:
        run("erase_person", "nobody@example.je", "--yes")
    assert error.value.returncode == 2


def test_erase_person_says_when_it_was_done_before():
    ended(61)
    run("erase_person", EMAIL, "--yes")
    assert "Erased already" in run("erase_person", EMAIL)


def test_a_night_erases_whose_time_came_lately_and_sunday_everybody():
    ended(61), ended(90)
    sunday = timezone.now() + (6 - timezone.localdate().weekday()) * DAY
    monday = sunday - 6 * DAY if sunday - 6 * DAY > timezone.now() else sunday + DAY
    assert retention.purge_nightly(monday)[1].orders == 1
    assert retention.purge_nightly(monday) == (retention.PurgePlan(0, 0, 0), None)
    assert retention.purge_nightly(sunday + 7 * DAY)[1].orders == 1


def test_each_site_keeps_its_buyers_for_its_own_time():
    with_own_time = ended(31)
    keep_for(30)
    assert retention.plan_purge(timezone.now()).orders == 1
    keep_for(40)
    assert retention.plan_purge(timezone.now()).orders == 0
    assert fresh(with_own_time).erased_at is None
