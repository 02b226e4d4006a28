"""Two web machines and two workers on one PostgreSQL and one Redis: what is lost when one of each dies, how soon they
agree, and what a restarted Redis costs."""

import threading
import time
from collections import Counter
from http.client import HTTPException

import pytest

from payments.domain.verification import polling_pause
from protection.visitors import maintenance
from tests import factories, services
from tests.buyers import Buyer, crowd
from tests.concurrency.test_rush import assert_exactly_sold, buy_one, make_free_sale
from tests.harness import Stack, until
from tests.process_fixtures import database_of_its_own
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery, Order

BUYERS, AT_ONCE = 160, 16
SLACK = 2  # seconds for a busy machine


@pytest.fixture(scope="module")
def redis_server():
    with services.redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def machines(tmp_path_factory, django_db_blocker, redis_server):
    """Each with files of its own, as on a platform."""
    folder = tmp_path_factory.mktemp("machines")
    with database_of_its_own(django_db_blocker) as database_url:
        factories.make_home()
        factories.make_legal_page()
        options = {"database_url": database_url, "redis_url": redis_server.url, "web_workers": 1}
        made = [Stack(folder / name, **options) for name in ("first", "second")]
        try:
            for stack in made:
                stack.web.launch()
                stack.worker.launch()
            for stack in made:
                stack.web.wait_until_ready()
                stack.worker.wait_until_ready()
            yield made
        finally:
            for stack in made:
                stack.stop()


class Crowd:
    """Buys in the background; `statuses` when all have been there."""

    def __init__(self, visit, number=BUYERS):
        self.done, self.statuses = [], []
        self.thread = threading.Thread(target=self.run, args=(visit, number))
        self.thread.start()

    def run(self, visit, number):
        def counted(each):
            status = visit(each)
            self.done.append(status)
            return status

        self.statuses, _ = crowd(number, counted, at_once=AT_ONCE)

    def wait_for(self, number):
        until(lambda: len(self.done) >= number, seconds=60, what=f"{number} visits")

    def finish(self):
        self.thread.join()
        return Counter(self.statuses)


def spread(machines, sale, types):
    """Every second buyer at each machine; who finds one dead goes to the other, as a platform's router would send them.
    A purchase that breaks off in the middle is begun anew by the same person."""
    visits = [buy_one(stack, sale, types) for stack in machines]

    def visit(number):
        for each in (visits[number % 2], visits[(number + 1) % 2]):
            try:
                return each(number)
            except (OSError, HTTPException):
                continue
        raise AssertionError("neither machine answers")

    return visit


def mails_sent(sale):
    return Delivery.objects.filter(order__lines__sale=sale, kind=DeliveryKind.TICKETS, sent_at__isnull=False)


def test_a_web_machine_and_a_worker_die_and_everybody_gets_tickets(machines):
    first, second = machines
    sale, types = make_free_sale(capacity=BUYERS * 2)
    buyers = Crowd(spread(machines, sale, types))
    buyers.wait_for(BUYERS // 4)
    second.web.kill_hard()
    second.worker.kill_hard()
    assert buyers.finish() == {200: BUYERS}
    emails = set(Order.objects.filter(lines__sale=sale).values_list("buyer_email", flat=True))
    assert len(emails) == BUYERS
    orders = Order.objects.filter(lines__sale=sale).count()
    assert BUYERS <= orders <= BUYERS + AT_ONCE  # an order whose answer was lost is bought again by its buyer
    until(lambda: mails_sent(sale).count() == orders, seconds=120, what="all mails by the worker that is left")
    assert len(first.mail) + len(second.mail) == orders
    second.web.start()
    second.worker.start()


def test_both_machines_sell_the_last_seats_once(machines):
    sale, types = make_free_sale(capacity=40)
    assert Crowd(spread(machines, sale, types), 80).finish() == {200: 40, 409: 40}
    assert_exactly_sold(sale, 40)


def ask(stack, path):
    visitor = Buyer(stack.url)
    try:
        return visitor.get(path).text
    finally:
        visitor.close()


def test_a_page_that_staff_change_is_new_on_both_at_once(machines):
    sale, _ = make_free_sale(capacity=10)
    path = sale.page.relative_url(None)
    for stack in machines * 2:
        assert sale.page.title in ask(stack, path)
    sale.page.title = "Lanterns of Another Name"
    sale.page.save_revision().publish()
    purge_as_a_machine_would(machines[0])
    for stack in machines:
        assert "Lanterns of Another Name" in ask(stack, path)


def purge_as_a_machine_would(stack):
    """The test's own cache is another one."""
    stack.manage("shell", "-c", "from events_pages.public.content_version import purge_pages; purge_pages()")


@pytest.mark.parametrize("changed", ["begun", "ended"])
def test_maintenance_reaches_both_within_its_time(machines, changed):
    sale, types = make_free_sale(capacity=10)
    before, after = (303, 503) if changed == "begun" else (503, 303)
    if changed == "ended":
        maintenance.begin_maintenance("Back at nine.")
        time.sleep(maintenance.KEPT + SLACK)
    try:
        assert hold_at_each(machines, sale, types) == [before, before]
        maintenance.begin_maintenance("Back at nine.") if changed == "begun" else maintenance.end_maintenance()
        time.sleep(maintenance.KEPT + SLACK)
        assert hold_at_each(machines, sale, types) == [after, after]
    finally:
        maintenance.end_maintenance()
        time.sleep(maintenance.KEPT + SLACK)


def hold_at_each(machines, sale, types):
    return [Buyer(stack.url).hold(sale.pk, {types[0].pk: 1}).status for stack in machines]


def test_a_pause_of_polling_is_kept_as_long_as_maintenance():
    assert polling_pause.CACHE_SECONDS == maintenance.KEPT


def test_redis_is_restarted_while_people_buy_and_nothing_is_lost(machines, redis_server):
    """It forgets queue, pages and limits. Whoever buys meanwhile waits at most a second for it and gets tickets."""
    sale, types = make_free_sale(capacity=BUYERS * 2)
    buyers = Crowd(spread(machines, sale, types))
    buyers.wait_for(BUYERS // 4)
    redis_server.stop()
    buyers.wait_for(BUYERS // 2)
    redis_server.start()
    assert buyers.finish() == {200: BUYERS}
    assert_exactly_sold(sale, BUYERS)
    until(
        lambda: mails_sent(sale).count() == BUYERS, seconds=180, what="all mails, those too that nobody was woken for"
    )
