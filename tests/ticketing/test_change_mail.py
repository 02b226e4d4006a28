"""What ticket holders are told of a change: was and is now, the organiser's words, the money, and what goes along."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.core import mail as django_mail
from django.utils import timezone

from events_pages.dates.edits import change_performance
from events_pages.enums import PerformanceStatus
from payments.enums import RefundState
from payments.models import Refund
from tests.factories import (
    make_event,
    make_order,
    make_order_line,
    make_organiser,
    make_pass,
    make_performance,
    make_sale,
    make_type,
    make_venue,
)
from tests.stories import find_open_choice, make_paid_order, run_workers
from ticketing import mail
from ticketing.domain.changes import choices, dispatch
from ticketing.domain.messages import outbox
from ticketing.domain.orders import batch_refunds, refunds
from ticketing.enums import DeliveryKind, DeliveryOutcome
from ticketing.models import ChangeNotice, Delivery, Order, RefundBatch

pytestmark = pytest.mark.django_db

FIRST = datetime(2027, 7, 3, 19, 30, tzinfo=ZoneInfo("Europe/Jersey"))


@pytest.fixture
def first(clock):
    return make_event("Sea Shanties & Co", starts_at=FIRST).performances.get()


@pytest.fixture
def order(first, clock):
    order = make_paid_order(make_type(make_sale(performance=first), price="12.00"), buyer_name="Ana Vibert")
    clock.shift(timedelta(minutes=1))
    return order


def tell(date, changes, **fields):
    """Changed, sent and delivered; the e-mails."""
    change_performance(date, **changes)
    notice = ChangeNotice.objects.latest("pk")
    ChangeNotice.objects.filter(pk=notice.pk).update(**fields)
    notice.refresh_from_db()
    dispatch.start_sending(notice, by=None)
    dispatch.tell_next_orders(notice.pk)
    for delivery in Delivery.objects.filter(notice=notice):
        mail.deliver_owed_mail(delivery.pk)
    return django_mail.outbox


def files_of(message):
    return sorted(name.rpartition(".")[2] for name, _content, _type in message.attachments)


def entries_of(message):
    [content] = [content for name, content, _type in message.attachments if name.endswith(".ics")]
    return icalendar.Calendar.from_ical(content).walk("VEVENT")


def html_of(message):
    return message.alternatives[0][0]


def test_it_works(first, order):
    [message] = tell(first, {"starts_at": FIRST + timedelta(minutes=30), "venue": make_venue("Town Church")})
    assert message.to == ["ana@example.je"]
    assert "Other venue: " in message.subject
    assert "Start: was Sat 3 July 2027, 19:30, is now Sat 3 July 2027, 20:00" in message.body
    assert "Opera House, St Helier, is now Town Church, St Helier" in message.body
    assert order.full_url in message.body
    assert "Sea Shanties &amp; Co" in html_of(message)
    assert "Your tickets stay valid." in message.body
    assert files_of(message) == ["ics", "pdf"]
    delivery = Delivery.objects.get()
    assert (delivery.sent_at is not None, delivery.next_attempt_at, delivery.kind) == (True, None, None)


def test_called_off_comes_without_a_ticket_and_says_what_happens_with_the_money(first, order):
    changes = {"status": PerformanceStatus.CANCELLED, "status_note": "Gale warning."}
    [message] = tell(first, changes, refunds_everybody=True, words="Gale warning.")
    assert "Called off: " in message.subject
    assert "You get £24.00 back, to the card you paid with." in " ".join(message.body.split())
    assert "Takes place: was Yes, is now Called off" in message.body
    assert files_of(message) == ["ics"]
    assert [entry["status"] for entry in entries_of(message)] == ["CANCELLED"]


def test_called_off_without_refunds_says_whom_to_ask(first, order):
    [message] = tell(first, {"status": PerformanceStatus.CANCELLED})
    assert "answer this e-mail to ask" in " ".join(message.body.split())


def test_postponed_says_what_may_be_chosen_and_until_when(first, order):
    [message] = tell(first, {"status": PerformanceStatus.POSTPONED}, choice_days=14)
    words = " ".join(message.body.split())
    assert "choose your money back, £24.00, on the page of your order until Saturday 27 March 2027" in words
    assert [entry["status"] for entry in entries_of(message)] == ["TENTATIVE"]


def test_who_holds_a_pass_keeps_it_for_the_other_dates(first, clock):
    make_performance(first.page)
    make_order(make_type(make_pass(first.page)))
    clock.shift(timedelta(minutes=1))
    [message] = tell(first, {"status": PerformanceStatus.CANCELLED}, refunds_everybody=True)
    assert "Your pass stays valid for the other dates." in message.body
    assert "back, to the card" not in message.body
    assert files_of(message) == ["ics", "pdf"]


def test_who_holds_a_pass_may_choose_once_no_date_is_left(first, clock):
    make_paid_order(make_type(make_pass(first.page), price="30.00"))
    clock.shift(timedelta(minutes=1))
    [message] = tell(first, {"status": PerformanceStatus.POSTPONED}, choice_days=14)
    assert "choose your money back, £60.00, on the page of your order" in " ".join(message.body.split())


def test_who_holds_a_pass_has_no_choice_while_a_date_is_left(first, clock):
    make_performance(first.page)
    make_paid_order(make_type(make_pass(first.page), price="30.00"))
    clock.shift(timedelta(minutes=1))
    [message] = tell(first, {"status": PerformanceStatus.POSTPONED}, choice_days=14)
    assert "money back" not in message.body
    assert "Your pass stays valid for the other dates." in message.body


def test_an_order_hears_of_its_own_dates_only(first, order, clock):
    second = make_performance(first.page)
    page = first.page
    make_order(make_type(make_sale(performance=second)), buyer_email="bob@example.je")
    clock.shift(timedelta(minutes=1))
    page.age_limit = "Over 18s."
    page.save_revision().publish()
    messages = tell(second, {"doors_at": second.starts_at - timedelta(hours=1)})
    words = {message.to[0]: message.body for message in messages}
    assert "Doors open: was" in words["bob@example.je"]
    assert "Doors open: was" not in words["ana@example.je"]
    assert "Over 18s." in words["ana@example.je"]


def test_an_answer_goes_to_the_organiser_of_the_event(first, order):
    other = make_event("Bens Night", organiser=make_organiser("Bens Band"))
    make_order_line(order, make_type(make_sale(other)))
    type(first.page.organiser).objects.update(email="arts@example.je")
    [message] = tell(first, {"status": PerformanceStatus.CANCELLED})
    assert message.reply_to == ["arts@example.je"]
    assert "Bens" not in message.body


def test_dates_with_the_same_news_are_told_in_one_table(first, order, clock):
    second = make_performance(first.page)
    make_order_line(order, make_type(make_sale(performance=second)))
    clock.shift(timedelta(minutes=1))
    first.page.age_limit = "Over 18s."
    first.page.save_revision().publish()
    notice = ChangeNotice.objects.get()
    message = mail.build_change_mail(order, notice)
    assert message.body.count("Over 18s.") == 1
    assert "Sat 3 July 2027, 19:30; Sat 10 July 2027, 19:30" in message.body


def test_an_address_that_bounces_is_counted(first, order):
    tell(first, {"status": PerformanceStatus.CANCELLED})
    delivery = Delivery.objects.get()
    assert outbox.record_mail_event(delivery.message_id, DeliveryOutcome.BOUNCED, at=timezone.now(), reason="No such")
    delivery.refresh_from_db()
    assert delivery.outcome == DeliveryOutcome.BOUNCED


def test_who_was_erased_meanwhile_gets_nothing(first, order):
    change_performance(first, status=PerformanceStatus.CANCELLED)
    notice = ChangeNotice.objects.get()
    dispatch.start_sending(notice, by=None)
    dispatch.tell_next_orders(notice.pk)
    Order.objects.update(erased_at=FIRST)
    mail.deliver_owed_mail(Delivery.objects.get().pk)
    assert django_mail.outbox == []


def test_the_refund_mail_says_why_and_from_whom(first, order, clock):
    tell(first, {"status": PerformanceStatus.CANCELLED, "status_note": "Gale warning."}, refunds_everybody=True)
    batch_refunds.request_next_refunds(RefundBatch.objects.get().pk)
    clock.shift(timedelta(minutes=5))
    prove_refunds()
    [delivery] = Delivery.objects.filter(kind=DeliveryKind.REFUND)
    message = mail.build_message(delivery)
    words = " ".join(message.body.split())
    assert "The reason: Sea Shanties & Co, Called off. Gale warning." in words
    assert "The organiser is Island Arts." in words
    assert "Gale warning." in html_of(message)


def test_the_refund_mail_of_a_choice_says_it_too(first, order, clock):
    tell(first, {"status": PerformanceStatus.POSTPONED}, choice_days=14)
    choices.choose_refund(order, find_open_choice(order))
    clock.shift(timedelta(minutes=5))
    prove_refunds()
    message = mail.build_refund_mail(order)
    assert "Sea Shanties & Co, Postponed." in message.body
    assert "£24.00" in message.body


def test_a_refund_by_hand_of_what_is_called_off_says_it_too(first, order, clock):
    change_performance(first, status=PerformanceStatus.CANCELLED, status_note="Gale warning.")
    refunds.request_order_refund(order, by=None, reason="He telephoned.")
    clock.shift(timedelta(minutes=5))
    prove_refunds()
    body = mail.build_refund_mail(order).body
    assert "The reason: Sea Shanties & Co, Called off. Gale warning." in body
    assert "He telephoned." not in body


def test_other_refunds_name_no_cause(order, clock):
    refunds.request_order_refund(order, by=None, reason="Ill.")
    clock.shift(timedelta(minutes=5))
    prove_refunds()
    assert "The reason:" not in mail.build_refund_mail(order).body


def prove_refunds():
    Refund.objects.update(state=RefundState.PROVED, proved_at=timezone.now())
    run_workers()


def test_where_no_money_goes_back_none_is_promised(first, order):
    """Its refund is not proved yet, so this mail is about tickets that became void alone."""
    tell(first, {"status": PerformanceStatus.CANCELLED}, refunds_everybody=True)
    batch_refunds.request_next_refunds(RefundBatch.objects.get().pk)
    message = mail.build_refund_mail(order)
    assert "The reason: Sea Shanties & Co, Called off." in " ".join(message.body.split())
    assert "Your money comes from" not in message.body
