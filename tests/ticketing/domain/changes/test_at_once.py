"""Several people and workers at the same moment, on the real PostgreSQL."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events_pages.dates.edits import change_performance
from events_pages.enums import PerformanceStatus
from events_pages.models import EventPage, Performance
from tests.at_once import run_at_once
from tests.factories import make_event, make_order, make_performance, make_sale, make_type
from ticketing.domain.changes import dispatch
from ticketing.enums import NoticeState
from ticketing.models import ChangeNotice, Delivery

pytestmark = pytest.mark.postgres


@pytest.fixture
def dates(transactional_db):
    event = make_event(starts_at=timezone.now() + timedelta(days=30))
    dates = [event.performances.get(), make_performance(event)]
    for date in dates:
        kind = make_type(make_sale(performance=date))
        for _ in range(5):
            make_order(kind)
    return dates


def postpone(date):
    change_performance(Performance.objects.select_related("page").get(pk=date.pk), status=PerformanceStatus.POSTPONED)


def open_doors(date):
    row = Performance.objects.select_related("page").get(pk=date.pk)
    change_performance(row, doors_at=row.starts_at - timedelta(hours=1))


def publish(date):
    page = EventPage.objects.get(pk=date.page_id)
    page.age_limit = "Over 18s."
    page.save()


def test_four_workers_owe_each_order_once(dates, monkeypatch):
    monkeypatch.setattr(dispatch, "ORDERS_PER_TASK", 2)
    postpone(dates[0])
    notice = ChangeNotice.objects.get()
    dispatch.start_sending(notice, by=None)

    def work():
        while dispatch.tell_next_orders(notice.pk):
            pass

    assert run_at_once(*[work] * 4) == []
    assert Delivery.objects.filter(notice=notice).count() == 5
    assert ChangeNotice.objects.get().state == NoticeState.SENT


def test_edits_of_one_date_make_one_draft(dates):
    acts = [lambda: postpone(dates[0]), lambda: open_doors(dates[0])] * 2
    assert run_at_once(*acts) == []
    notice = ChangeNotice.objects.get()
    facts = notice.now[str(dates[0].pk)]
    assert facts["doors_at"]
    assert facts["status"] == PerformanceStatus.POSTPONED


def test_the_page_and_its_dates_may_change_at_once(dates):
    acts = [lambda: publish(dates[0]), lambda: postpone(dates[0]), lambda: open_doors(dates[1])]
    assert run_at_once(*acts) == []
    told = {(notice.pk, key) for notice in ChangeNotice.objects.all() for key in notice.now}
    assert {key for _pk, key in told} == {str(date.pk) for date in dates}


def test_of_four_who_send_one_does(dates):
    postpone(dates[0])
    sent = []

    def send():
        dispatch.start_sending(ChangeNotice.objects.get(), by=None)
        sent.append(True)

    assert run_at_once(*[send] * 4) == []
    assert sent == [True]
