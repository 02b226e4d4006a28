"""The form that calls a date off, postpones or moves it, and the screens of what ticket holders are told."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from events_pages.dates.edits import change_performance
from events_pages.enums import PerformanceStatus
from tests.factories import (
    make_event,
    make_order,
    make_order_line,
    make_organiser,
    make_pass,
    make_performance,
    make_sale,
    make_type,
)
from tests.stories import make_paid_order, make_staff
from tests.ticketing.views.staff.test_order_actions import refused
from ticketing import mail
from ticketing.domain.changes import dispatch
from ticketing.enums import DeliveryOutcome, NoticeState
from ticketing.models import ChangeNotice, Delivery, EventSale, RefundBatch

pytestmark = pytest.mark.django_db

JERSEY = ZoneInfo("Europe/Jersey")
FIRST = datetime(2027, 7, 3, 19, 30, tzinfo=JERSEY)


@pytest.fixture
def first(clock):
    return make_event("Sea Shanties", starts_at=FIRST).performances.get()


@pytest.fixture
def kind(first, clock):
    kind = make_type(make_sale(performance=first), price="12.00")
    for name in ("ana", "bob", "cat"):
        make_paid_order(kind, buyer_email=f"{name}@example.je")
    clock.shift(timedelta(minutes=1))
    return kind


@pytest.fixture
def ana(client, kind, first):
    user = make_staff("ana", first.page, "refund_order")
    client.force_login(user)
    return user


def change_url(first):
    return reverse("dates:change", args=[first.pk])


def cancel(client, first, **more):
    sent = {"action": "cancel", "note": "Gale warning.", "refunds_everybody": "on", "choice_days": "14", **more}
    return client.post(change_url(first), sent)


def make_draft(first, **fields):
    change_performance(first, status=PerformanceStatus.CANCELLED, status_note="Gale warning.")
    ChangeNotice.objects.update(**fields)
    return ChangeNotice.objects.latest("pk")


def words_of(client, notice, **more):
    seen = notice.changed_at.isoformat()
    sent = {"subject": notice.subject, "words": notice.words, "seen": seen, **more}
    return client.post(reverse("notice", args=[notice.pk]), sent)


def tell(notice):
    while dispatch.tell_next_orders(notice.pk):
        pass


def test_it_works(client, ana, first, kind):
    assert "What happens?" in client.get(change_url(first)).text
    page = cancel(client, first).text
    assert "3 orders, at 3 addresses." in " ".join(page.replace("\n", " ").split())
    assert "£72.00 to 3 orders" in page
    assert "Sea Shanties" in page
    first.refresh_from_db()
    assert first.status == PerformanceStatus.SCHEDULED
    response = cancel(client, first, confirm="1")
    notice = ChangeNotice.objects.get()
    assert response.url == reverse("notice", args=[notice.pk])
    first.refresh_from_db()
    assert (first.status, notice.made_by, notice.refunds_everybody) == (PerformanceStatus.CANCELLED, ana, True)
    page = client.get(response.url).text
    assert "Nobody was told yet" in page
    assert "Send to 3 orders" in page
    assert "Alex Example" in page
    assert "ana@example.je" not in page
    response = words_of(client, notice, words="The tenor is ill.", refunds_everybody="on", send="1")
    assert response.url == reverse("notice", args=[notice.pk])
    notice.refresh_from_db()
    assert (notice.state, notice.words, notice.sent_by) == (NoticeState.SENDING, "The tenor is ill.", ana)
    tell(notice)
    assert Delivery.objects.filter(notice=notice).count() == 3
    assert RefundBatch.objects.get().by == ana
    page = client.get(response.url).text
    assert "0 of 3 e-mails are sent." in page
    assert "http-equiv" in page


def test_the_confirmation_keeps_what_was_typed_and_may_go_back(client, ana, first, kind):
    page = cancel(client, first).text
    assert '<input type="hidden" name="note" value="Gale warning."' in page
    page = cancel(client, first, change="1").text
    assert "Gale warning." in page
    assert "Show what will happen" in page


def test_moved_to_another_day(client, ana, first, kind):
    first.doors_at = FIRST - timedelta(hours=1)
    first.save()
    sent = {"action": "move", "starts_at": "10 Jul 2027 20:00", "doors_at": "3 Jul 2027 18:30", "choice_days": "7"}
    page = client.post(change_url(first), sent).text
    assert "Sat 10 July 2027, 20:00" in page
    assert "within 7 days" in page
    client.post(change_url(first), {**sent, "confirm": "1"})
    first.refresh_from_db()
    assert first.status == PerformanceStatus.RESCHEDULED
    assert first.doors_at == datetime(2027, 7, 10, 19, 0, tzinfo=JERSEY)
    assert ChangeNotice.objects.get().choice_days == 7


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "This field is required"),
        ({"action": "move"}, "Say when it starts."),
        ({"action": "move", "starts_at": "1 Jan 2027 20:00"}, "The new start must be in the future."),
        ({"action": "move", "starts_at": "3 Jul 2027 20:00"}, "That is the day it has"),
        ({"action": "times", "starts_at": "10 Jul 2027 20:00"}, "That is another day"),
        ({"action": "venue"}, "Choose the new venue."),
        ({"action": "venue", "venue": "same"}, "That is where it takes place already."),
        ({"action": "move", "starts_at": "10 Jul 2027 19:30"}, "There is a date at this moment already."),
        (
            {"action": "times", "starts_at": "3 Jul 2027 20:00", "ends_at": "3 Jul 2027 19:00"},
            "The end must come after the start.",
        ),
        (
            {"action": "times", "starts_at": "3 Jul 2027 20:00", "doors_at": "3 Jul 2027 21:00"},
            "Doors open before the start, not after it.",
        ),
        (
            {"action": "times", "starts_at": "3 Jul 2027 20:00", "doors_at": "1 Jul 2027 19:00"},
            "Doors open at most twelve hours before the start.",
        ),
        ({"action": "resume"}, "Select a valid choice"),
        ({"action": "cancel", "choice_days": "1000"}, "less than or equal to 90"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_happens(client, ana, first, sent, words):
    make_performance(first.page)
    sent = sent | ({"venue": first.page.venue_id} if "venue" in sent else {})
    response = client.post(change_url(first), {**sent, "confirm": "1"})
    assert response.status_code == 422
    assert words in response.text
    first.refresh_from_db()
    assert first.sequence == 0


def test_an_end_of_sales_of_its_own_goes_with_the_start_and_comes_back(client, ana, first, kind):
    EventSale.objects.update(opens_at=FIRST - timedelta(days=20), closes_at=FIRST - timedelta(hours=2))
    sent = {"action": "move", "starts_at": "12 Nov 2027 19:30", "confirm": "1"}
    client.post(change_url(first), sent)
    assert EventSale.objects.get().closes_at == datetime(2027, 11, 12, 17, 30, tzinfo=JERSEY)
    client.post(reverse("notice_undo", args=[ChangeNotice.objects.get().pk]))
    assert EventSale.objects.get().closes_at == FIRST - timedelta(hours=2)
    client.post(change_url(first), sent | {"starts_at": "5 June 2027 19:30"})
    assert EventSale.objects.get().closes_at is None  # it would end before it opens


def test_dates_move_to_other_days_one_by_one(client, ana, first):
    make_performance(first.page)
    sent = {"action": "move", "starts_at": "4 Jul 2027 20:00", "all_dates": "on", "confirm": "1"}
    assert "move them one by one" in client.post(change_url(first), sent).text


def test_all_dates_get_the_same_hours_on_their_own_days(client, ana, first, kind):
    second = make_performance(first.page)
    sent = {"action": "times", "starts_at": "3 Jul 2027 20:00", "doors_at": "3 Jul 2027 19:15", "all_dates": "on"}
    client.post(change_url(first), {**sent, "confirm": "1"})
    for date in (first, second):
        day = date.starts_at.date()
        date.refresh_from_db()
        hours = [f"{timezone.localtime(moment):%H:%M}" for moment in (date.starts_at, date.doors_at)]
        assert (date.starts_at.date(), hours) == (day, ["20:00", "19:15"])


def test_all_dates_to_come_at_once(client, ana, first, kind):
    second = make_performance(first.page)
    assert "2 dates" in cancel(client, first, all_dates="on").text
    cancel(client, first, all_dates="on", confirm="1")
    second.refresh_from_db()
    assert second.status == PerformanceStatus.CANCELLED


def test_a_second_press_changes_nothing_more(client, ana, first, kind):
    first_time, second_time = (cancel(client, first, confirm="1") for _ in range(2))
    assert (first_time.status_code, second_time.status_code) == (302, 409)
    assert "nothing would change" in second_time.text
    assert ChangeNotice.objects.count() == 1


def test_what_is_over_stays_as_it_was(client, ana, first, kind, clock):
    clock.move_to(FIRST + timedelta(days=1))
    client.force_login(ana)
    response = client.get(change_url(first))
    assert response.url == reverse("dates:list", args=[first.page_id])
    assert "This date is over" in client.get(response.url).text
    assert cancel(client, first, confirm="1").status_code == 409
    first.refresh_from_db()
    assert first.status == PerformanceStatus.SCHEDULED


def test_without_holders_there_is_nobody_to_tell(client, ana, first):
    other = make_performance(first.page)
    response = cancel(client, other, confirm="1")
    assert "nobody to tell" in client.get(response.url).text
    assert not ChangeNotice.objects.exists()


def test_who_may_not_refund_changes_the_date_and_no_money(client, first, kind):
    client.force_login(make_staff("bob", first.page))
    assert "gets their money back" not in client.get(change_url(first)).text
    cancel(client, first, confirm="1")
    notice = ChangeNotice.objects.get()
    assert not notice.refunds_everybody
    ChangeNotice.objects.update(refunds_everybody=True)
    assert "somebody who may refund orders" in client.get(reverse("notice", args=[notice.pk])).text
    assert words_of(client, notice, send="1").status_code == 409
    notice.refresh_from_db()
    assert (notice.state, notice.refunds_everybody) == (NoticeState.DRAFT, True)


def test_words_are_saved_without_being_sent(client, ana, first, kind):
    notice = make_draft(first)
    page = client.get(words_of(client, notice, subject="A storm", words="Stay at home.").url).text
    assert "Stay at home." in page
    assert "Nobody was told yet." in page
    assert not Delivery.objects.exists()


def test_empty_words_are_refused(client, ana, first, kind):
    response = words_of(client, make_draft(first), subject="", words="", send="1")
    assert response.status_code == 422
    assert not Delivery.objects.exists()


def test_what_changed_since_it_was_read_is_not_sent_unread(client, ana, first, kind, clock):
    notice = make_draft(first)
    clock.shift(timedelta(minutes=1))
    change_performance(first, status=PerformanceStatus.POSTPONED)
    response = words_of(client, notice, send="1")
    assert response.status_code == 409
    assert "Meanwhile the date was changed again." in response.text
    assert ChangeNotice.objects.get().state == NoticeState.DRAFT


def test_two_presses_send_once(client, ana, first, kind):
    notice = make_draft(first)
    first_time, second_time = (words_of(client, notice, send="1") for _ in range(2))
    assert (first_time.status_code, second_time.status_code) == (302, 409)


def test_declined_with_a_reason(client, ana, first, kind):
    notice = make_draft(first)
    url = reverse("notice_decline", args=[notice.pk])
    client.post(url, {"reason": ""})
    assert ChangeNotice.objects.get().state == NoticeState.DRAFT
    client.post(url, {"reason": "Everybody was telephoned."})
    assert ChangeNotice.objects.get().state == NoticeState.DECLINED
    assert "Everybody was telephoned." in client.get(reverse("notice", args=[notice.pk])).text


def test_undone(client, ana, first, kind):
    cancel(client, first, confirm="1")
    notice = ChangeNotice.objects.get()
    assert "Undo the change" in client.get(reverse("notice", args=[notice.pk])).text
    response = client.post(reverse("notice_undo", args=[notice.pk]))
    assert "Undone" in client.get(response.url).text
    first.refresh_from_db()
    assert first.status == PerformanceStatus.SCHEDULED


def test_progress_counts_what_came_back(client, ana, first, kind):
    notice = make_draft(first)
    dispatch.start_sending(notice, by=ana)
    tell(notice)
    rows = Delivery.objects.filter(notice=notice)
    rows.update(sent_at=timezone.now(), next_attempt_at=None, outcome=DeliveryOutcome.DELIVERED)
    Delivery.objects.filter(pk=rows.first().pk).update(outcome=DeliveryOutcome.BOUNCED)
    page = client.get(reverse("notice", args=[notice.pk])).text
    assert "3 of 3 e-mails are sent." in page
    assert '<th scope="row">Came back</th><td>1</td>' in page
    assert "http-equiv" not in page


def test_the_list_has_drafts_first(client, ana, first, kind):
    make_draft(first, state=NoticeState.SENT)
    change_performance(first, status=PerformanceStatus.POSTPONED)
    page = client.get(reverse("event_notices", args=[first.page_id])).text
    assert page.index("Postponed") < page.index("Called off")
    assert "Changes (1 to send)" in client.get(reverse("wagtailadmin_pages:edit", args=[first.page_id])).text


def test_dates_and_tickets_says_that_somebody_is_to_be_told(client, ana, first, kind):
    dates = reverse("dates:list", args=[first.page_id])
    notices = reverse("event_notices", args=[first.page_id])
    assert notices not in client.get(dates).text
    make_draft(first)
    page = client.get(dates).text
    assert notices in page
    assert change_url(first) in page
    assert dates in client.get(notices).text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(client, ana, first, kind, rows, django_assert_max_num_queries):
    for _ in range(rows):
        make_draft(first, state=NoticeState.SENT)
        change_performance(first, status=PerformanceStatus.SCHEDULED)
        ChangeNotice.objects.update(state=NoticeState.SENT)
    client.get(reverse("event_notices", args=[first.page_id]))
    with django_assert_max_num_queries(24):
        client.get(reverse("event_notices", args=[first.page_id]))


def test_another_organiser_is_refused_everywhere(client, first, kind):
    notice = make_draft(first)
    client.force_login(make_staff("ben", make_event("Bens Night"), "refund_order"))
    addresses = [
        change_url(first),
        reverse("event_notices", args=[first.page_id]),
        *(reverse(name, args=[notice.pk]) for name in ("notice", "notice_decline", "notice_undo")),
    ]
    for address in addresses:
        for method in (client.get, client.post):
            assert refused(client, method(address, {"reason": "Mine.", "action": "cancel", "confirm": "1"}))
    notice.refresh_from_db()
    assert notice.state == NoticeState.DRAFT


def test_the_example_has_no_buyer_in_it(first, kind):
    make_order(kind, buyer_name="Quentin Quill", buyer_email="quill@example.je")
    ChangeNotice.objects.all().delete()
    notice = make_draft(first)
    ChangeNotice.objects.update(changed_at=timezone.now() + timedelta(minutes=1))
    notice.refresh_from_db()
    message = mail.build_example_mail(notice)
    assert "Alex Example" in message.body
    assert "Quill" not in message.body + message.alternatives[0][0] + str(message.to)


def test_the_example_has_nothing_of_another_organiser_in_it(first, kind):
    order = make_order(kind)
    other = make_event("Bens Night", organiser=make_organiser("Bens Band"))
    make_order_line(order, make_type(make_pass(other), name="Bens pass"))
    message = mail.build_example_mail(make_draft(first))
    assert "Bens" not in message.subject + message.body + message.alternatives[0][0]
    assert "pass stays valid" not in message.body
