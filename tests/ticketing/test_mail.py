"""Every e-mail: right words to the right address, sent at least once, never more often than it must be."""

import email
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from events_pages.dates import edits
from events_pages.enums import PerformanceStatus
from payments.enums import PaymentState, RefundOrigin, RefundState
from payments.models import Payment
from tests import factories
from tests.payments.factories import make_payment, make_refund
from tests.ticketing.mail_provider import MailProvider
from ticketing import mail
from ticketing.domain.errors import TicketingError
from ticketing.domain.messages import outbox
from ticketing.enums import DeliveryKind, NoticeState, OrderState, TicketState
from ticketing.models import ChangeNotice, Delivery

pytestmark = pytest.mark.django_db


def review_of(order):
    order.state = OrderState.REQUIRES_MANUAL_REVIEW
    return mail.build_review_mail(order)


BUYER_KINDS = [
    mail.build_tickets_mail,
    mail.build_failure_mail,
    mail.build_expiry_mail,
    mail.build_links_mail,
    mail.build_refund_mail,
    review_of,
]


@pytest.fixture
def order(clock):
    sale = factories.make_sale(factories.make_event("Sea Shanties & Co"), starts_at=timezone.now() + timedelta(days=1))
    return factories.make_order(factories.make_type(sale), buyer_name="Ana <b>Le Brocq</b>")


def html_of(message):
    [alternative] = message.alternatives
    return alternative[0]


def owed(order, kind=DeliveryKind.TICKETS):
    return Delivery.objects.get(order=order, kind=kind)


def test_it_works(order):
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    mail.deliver_owed_mail(owed(order).pk)
    [message] = django_mail.outbox
    assert (message.subject, message.to) == ("Your tickets: Sea Shanties & Co, Sun 14 March", ["ana@example.je"])
    assert order.full_url in message.body
    assert order.full_url in html_of(message)
    assert [name for name, *_ in message.attachments] == [f"{order.reference}.pdf", f"{order.reference}.ics"]
    assert owed(order).sent_at == timezone.now()


@pytest.mark.parametrize("build", BUYER_KINDS)
def test_text_is_plain_and_html_is_escaped(order, build):
    message = build(order)
    assert "&amp;" not in message.body + message.subject
    assert "<b>Le Brocq" not in html_of(message)


@pytest.mark.parametrize("build", BUYER_KINDS)
def test_nothing_is_fetched_or_tracked(order, build):
    message = build(order)
    assert not re.search(r"<img|<link|<script|url\(", html_of(message))
    assert (message.track_opens, message.track_clicks) == (False, False)


@pytest.mark.parametrize("build", BUYER_KINDS)
def test_links_lead_to_this_site_alone(order, build, settings):
    addresses = re.findall(r"https?://[^\s\"<)]+", build(order).body + html_of(build(order)))
    assert {address.startswith(settings.SITE_URL) for address in addresses} == {True}


def test_failure_says_that_no_money_was_taken(order):
    message = mail.build_failure_mail(order)
    assert message.subject == f"Your payment did not go through: order {order.reference}"
    assert "No money was taken" in message.body
    assert f"{mail.settings.SITE_URL}{order.lines.get().sale.page.url}" in message.body


def test_expiry_says_until_when_the_seats_were_held(order):
    assert "until 18:15, but no payment arrived" in mail.build_expiry_mail(order).body


def test_questions_go_to_the_one_organiser(order):
    organiser = order.lines.get().sale.page.organiser
    type(organiser).objects.filter(pk=organiser.pk).update(email="hello@arts.example.je")
    assert mail.build_tickets_mail(order).reply_to == ["hello@arts.example.je"]


def test_questions_to_two_organisers_go_to_us(order):
    other = factories.make_organiser("Other Arts")
    factories.make_order_line(order, factories.make_type(factories.make_sale(factories.make_event(organiser=other))))
    assert mail.build_tickets_mail(order).reply_to == []


def test_links_lists_all_orders_of_the_address(order):
    newer = factories.make_order(buyer_email="Ana@example.je")
    factories.make_order(state=OrderState.EXPIRED)
    stranger = factories.make_order(buyer_email="bea@example.je")
    body = mail.build_links_mail(newer).body
    assert body.index(newer.full_url) < body.index(order.full_url)
    assert body.count(f"{mail.settings.SITE_URL}/tickets/orders/") == 2
    assert stranger.full_url not in body


@pytest.mark.parametrize("count", [1, 3])
def test_links_asks_the_database_the_same_for_any_number(clock, count, django_assert_num_queries):
    for _ in range(count):
        order = factories.make_order()
    mail.build_links_mail(order)  # makes the site's settings
    factories.forget_edits()
    mail.build_links_mail(order)  # what surrounds a sale is remembered
    with django_assert_num_queries(3):
        mail.build_links_mail(order)


@pytest.fixture
def paid(order):
    return make_payment(order.reference, amount="24.00", state=PaymentState.PAID)


def test_refund_says_how_much_went_back_and_which_tickets_are_void(order, paid):
    make_refund(paid, amount="12.00")
    order.lines.get().tickets.filter(number=1).update(state=TicketState.VOID)
    message = mail.build_refund_mail(order)
    assert message.subject == f"Refunded: £12.00 of order {order.reference}"
    assert "Island Arts Ltd has returned £12.00 to the card you paid with." in message.body
    assert message.body.count("Sea Shanties & Co, Sun 14 March 2027, 18:00: Adult") == 1
    assert "The other 1 ticket stays valid." in message.body
    assert not message.attachments


def test_a_second_refund_mail_tells_the_second_refund_alone(order, paid, clock):
    make_refund(paid, amount="12.00")
    outbox.owe_delivery(order, DeliveryKind.REFUND)
    mail.deliver_owed_mail(owed(order, DeliveryKind.REFUND).pk)
    clock.shift(timedelta(hours=1))
    make_refund(paid, amount="5.00")
    assert "has returned £5.00" in mail.build_refund_mail(order).body


def test_void_without_money_is_told_so(order):
    order.lines.get().tickets.update(state=TicketState.VOID)
    message = mail.build_refund_mail(order)
    assert message.subject == f"Tickets cancelled: order {order.reference}"
    assert "No money goes back with it." in message.body


def test_a_charge_back_is_the_banks_doing(order, paid):
    make_refund(paid, origin=RefundOrigin.CHARGE_BACK)
    assert "your bank has taken back £24.00" in mail.build_refund_mail(order).body


def test_a_waiting_refund_names_the_day(order, paid):
    make_refund(paid, state=RefundState.WAITING, expected_by=date(2027, 3, 16))
    message = mail.build_refund_waiting_mail(order)
    assert message.subject == f"Your refund of £24.00 is on its way: order {order.reference}"
    assert "We expect it to be sent by Tue 16 March 2027. There is nothing you need to do." in message.body


def test_what_waits_no_more_is_not_announced(order, paid):
    make_refund(paid)
    with pytest.raises(TicketingError):
        mail.build_refund_waiting_mail(order)


def in_review(**fields):
    order = factories.make_order(factories.make_type(price="12.00"), state=OrderState.REQUIRES_MANUAL_REVIEW)
    for _time in range(fields.pop("payments", 1)):
        make_payment(order.reference, **{"amount": "24.00", "state": PaymentState.PAID} | fields)
    return order


def test_an_order_in_review_is_told_of_in_words_that_fit(client, db):
    """The page and the mail say the same, and neither says of a wrong amount that it came too late."""
    back_in_part, again = in_review(), in_review(payments=2)
    make_refund(Payment.objects.get(subject=back_in_part.reference), amount="5.00")
    make_refund(Payment.objects.filter(subject=again.reference).first())
    cases = {
        "it arrived after your tickets had gone back on sale": in_review(),
        "more than one payment for this order": in_review(payments=2),
        "not exactly what this order asked for": in_review(problem="The amount differs."),
        "another payment for it": again,
        "Part of your payment was returned": back_in_part,
        "has not told us what became of the payment": in_review(state=PaymentState.EXPIRED, problem="No answer."),
    }
    for words, order in cases.items():
        body, page = mail.build_review_mail(order).body, client.get(order.get_absolute_url()).text
        for text in (body, page):
            assert [each for each in cases if each in text] == [words]
            assert "Please do not pay again." in text
        assert ("was taken in all" in body) == ("what became of" not in words)


def test_what_somebody_has_decided_meanwhile_is_not_announced(order):
    with pytest.raises(TicketingError):
        mail.build_review_mail(order)


def test_deliver_twice_is_one_mail(order):
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    for _ in range(2):
        mail.deliver_owed_mail(owed(order).pk)
    assert len(django_mail.outbox) == 1


def test_deliver_of_a_stranger_is_nothing():
    mail.deliver_owed_mail(999_999)
    assert django_mail.outbox == []


def test_an_order_without_tickets_is_given_up(clock):
    order = factories.make_order(state=OrderState.REFUNDED)
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    mail.deliver_owed_mail(owed(order).pk)
    assert (owed(order).next_attempt_at, owed(order).last_error) == (None, "There are no tickets for this order.")


@pytest.fixture
def provider(settings):
    """Mailgun's wire format, into a server that answers as told."""
    with MailProvider() as server:
        settings.ANYMAIL = server.settings("mailgun")
        settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
        yield server


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429, 500, 503, None])
def test_a_passing_error_is_tried_again(order, provider, status, clock):
    provider.status = status
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    mail.deliver_owed_mail(owed(order).pk)
    row = owed(order)
    assert (row.sent_at, row.attempts, row.next_attempt_at) == (None, 1, timezone.now() + timedelta(minutes=1))
    provider.status = 200
    clock.shift(timedelta(minutes=1))
    mail.deliver_owed_mail(row.pk)
    assert (owed(order).sent_at, owed(order).message_id) == (timezone.now(), "<1@mailgun>")


@pytest.mark.parametrize("status", [400, 422])
def test_a_lasting_refusal_is_given_up(order, provider, status, caplog):
    provider.status = status
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    mail.deliver_owed_mail(owed(order).pk)
    assert (owed(order).sent_at, owed(order).next_attempt_at) == (None, None)
    assert owed(order).last_error == f"AnymailRequestsAPIError {status}"
    assert "delivery.given_up" in caplog.text
    assert "ana@example.je" not in caplog.text


def test_an_address_that_is_none_is_given_up(order, provider):
    type(order).objects.update(buyer_email="nobody at all")
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    mail.deliver_owed_mail(owed(order).pk)
    assert (owed(order).next_attempt_at, owed(order).last_error) == (None, "AnymailInvalidAddress")
    assert provider.bodies == []


def test_a_full_disk_is_tried_again(order, settings, tmp_path):
    settings.EMAIL_BACKEND = "common.mail_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "file"
    settings.EMAIL_FILE_PATH.write_text("not a folder")
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    mail.deliver_owed_mail(owed(order).pk)
    assert owed(order).next_attempt_at == timezone.now() + timedelta(minutes=1)


def test_a_bug_in_a_mail_waits_like_any_failure(order, monkeypatch):
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    monkeypatch.setitem(mail.BUILDERS, DeliveryKind.TICKETS, lambda order: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mail.deliver_owed_mail(owed(order).pk)
    assert owed(order).next_attempt_at == timezone.now() + timedelta(minutes=1)


def test_a_repeat_carries_the_same_message_id(order, clock):
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    first = mail.build_message(outbox.claim_delivery(owed(order).pk))
    clock.shift(timedelta(minutes=2))
    again = mail.build_message(outbox.claim_delivery(owed(order).pk))
    outbox.resend_tickets(order)
    asked_anew = mail.build_message(outbox.claim_delivery(owed(order).pk))
    ids = [message.message()["Message-ID"] for message in (first, again, asked_anew)]
    assert ids[0] == ids[1] != ids[2]


def test_mail_as_a_file_holds_everything(order, settings, tmp_path):
    settings.EMAIL_BACKEND = "common.mail_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    outbox.owe_delivery(order, DeliveryKind.TICKETS)
    mail.deliver_owed_mail(owed(order).pk)
    [file] = tmp_path.glob("*.eml")
    parts = [part.get_content_type() for part in email.message_from_bytes(file.read_bytes()).walk()]
    assert {"text/plain", "text/html", "application/pdf", "text/calendar"} <= set(parts)


def test_names_that_run_leftwards_leave_dates_and_commas_in_their_place(order):
    """In the subject, the text and the page of the mail alike; an ordinary name has nothing around it."""
    order.lines.update(event_title="حفلة", type_name="بالغ")
    type(order).objects.filter(pk=order.pk).update(buyer_name="محمد")
    order.refresh_from_db()
    message = mail.build_tickets_mail(order)
    assert message.subject == "Your tickets: \u2068حفلة\u2069, Sun 14 March"
    for words in ("Hello \u2068محمد\u2069,", "2 × \u2068بالغ\u2069"):
        assert words in message.body
        assert words in html_of(message)
    assert message.message().as_bytes().partition(b"\n\n")[0].isascii()


EVENING = datetime(2027, 7, 2, 18, 30, tzinfo=UTC)


@pytest.fixture
def evening(clock):
    """An order for one evening in July."""
    sale = factories.make_sale(factories.make_event("Sea Shanties", starts_at=EVENING))
    return factories.make_order(factories.make_type(sale))


def change(order, **fields):
    edits.change_performance(order.lines.first().sale.performance, **fields)


def files_of(message):
    return [name.rpartition(".")[2] for name, *_ in message.attachments]


def test_tickets_that_are_sent_again_name_the_new_date(evening):
    change(evening, starts_at=EVENING + timedelta(days=7, minutes=30))
    message = mail.build_tickets_mail(evening)
    assert message.subject == "Your tickets: Sea Shanties, Fri 9 July"
    for text in (message.body, html_of(message)):
        assert "Now Fri 9 July 2027, 20:00 (it was Fri 2 July, 19:30)" in text
        assert "You’re going to" in text
    assert files_of(message) == ["pdf", "ics"]


def test_what_is_called_off_brings_no_ticket_and_says_what_becomes_of_the_money(evening):
    organiser = evening.lines.get().sale.page.organiser
    type(organiser).objects.filter(pk=organiser.pk).update(email="hello@arts.example.je")
    change(evening, status=PerformanceStatus.CANCELLED, status_note="A gale.")
    assert "You hear by e-mail what happens with your money." in mail.build_tickets_mail(evening).body
    ChangeNotice.objects.update(state=NoticeState.DECLINED)
    message = mail.build_tickets_mail(evening)
    assert message.subject == "Called off: Sea Shanties, Fri 2 July"
    for text in (message.body, html_of(message)):
        for words in ("is called off", "please do not come", "A gale.", "Your money has not been sent back yet."):
            assert words.casefold() in text.casefold()
        assert f"write to hello@arts.example.je and name order {evening.reference}" in text
        assert "You’re going to" not in text
    assert files_of(message) == ["ics"]


def test_what_is_postponed_keeps_its_tickets(evening):
    change(evening, status=PerformanceStatus.POSTPONED)
    message = mail.build_tickets_mail(evening)
    assert message.subject == "Postponed, your tickets stay valid: Sea Shanties"
    assert "The new date is not known yet." in message.body
    assert "You’re going to" not in message.body + html_of(message)
    assert files_of(message) == ["pdf", "ics"]


def test_what_stays_is_named_where_another_evening_is_off(evening):
    tales = factories.make_event("Tales", starts_at=EVENING + timedelta(days=1))
    factories.make_order_line(evening, factories.make_type(factories.make_sale(tales)))
    change(evening, status=PerformanceStatus.CANCELLED)
    message = mail.build_tickets_mail(evening)
    assert message.subject == "Your tickets: Tales, Sat 3 July and more"
    assert "Sea Shanties is called off: Fri 2 July 2027, 19:30" in message.body
    assert files_of(message) == ["pdf", "ics"]


def test_what_was_given_back_is_not_gone_to(evening):
    tales = factories.make_event("Tales", starts_at=EVENING + timedelta(days=1))
    factories.make_order_line(evening, factories.make_type(factories.make_sale(tales)))
    evening.lines.first().tickets.update(state=TicketState.VOID)
    change(evening, starts_at=EVENING + timedelta(days=1))
    message = mail.build_tickets_mail(evening)
    assert message.subject == "Your tickets: Tales, Sat 3 July and more"
    assert "Sea Shanties has changed" not in message.body


def test_a_pass_names_its_dates(clock):
    page = factories.make_event("Folk", starts_at=EVENING)
    factories.make_performance(page, starts_at=EVENING + timedelta(days=1))
    message = mail.build_tickets_mail(factories.make_order(factories.make_type(factories.make_pass(page)), quantity=1))
    assert message.subject == "Your tickets: Folk, Fri 2 and Sat 3 July 2027"
    assert "once at each date" in message.body


@pytest.mark.parametrize("build", BUYER_KINDS)
def test_every_mail_names_todays_date(evening, build):
    change(evening, starts_at=EVENING + timedelta(days=7))
    evening.lines.get().tickets.filter(number=1).update(state=TicketState.VOID)
    message = build(evening)
    for text in (message.body, html_of(message)):
        assert "Now Fri 9 July 2027, 19:30 (it was Fri 2 July, 19:30)" in text


def test_doors_of_another_evening_are_not_named(clock):
    page = factories.make_event(starts_at=EVENING, doors_at=EVENING - timedelta(minutes=30))
    matinee = factories.make_sale(page, starts_at=EVENING + timedelta(days=1, hours=-5))
    body = mail.build_tickets_mail(factories.make_order(factories.make_type(matinee))).body
    assert "Sat 3 July 2027, 14:30" in body
    assert "19:00" not in body
    change(factories.make_order(factories.make_type(factories.make_sale(page))), starts_at=EVENING + timedelta(days=7))
    assert "doors" not in mail.build_tickets_mail(factories.make_order(factories.make_type(page.sales.last()))).body
