"""The provider took a message and its answer was lost: asked where it can be, told to staff, never silently twice."""

from datetime import timedelta

import pytest
import time_machine
from anymail.signals import AnymailTrackingEvent, tracking
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from payments.mail import build_message_id
from tests import factories
from tests.ticketing.mail_provider import BACKENDS, MailProvider, MailServer
from ticketing import mail
from ticketing.domain.messages import outbox
from ticketing.enums import DeliveryDoubt, DeliveryKind, DeliveryOutcome
from ticketing.models import Delivery

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning"),
]
FOUND, MISSING, BLIND = DeliveryDoubt.FOUND, DeliveryDoubt.MISSING, DeliveryDoubt.BLIND


@pytest.fixture
def provider():
    with MailProvider() as server:
        yield server


@pytest.fixture
def owed(clock):
    return outbox.owe_delivery(factories.make_order(), DeliveryKind.TICKETS)


def choose(settings, provider, name):
    settings.ANYMAIL = provider.settings(name) | {"IGNORE_UNSUPPORTED_FEATURES": name == "amazon_ses"}
    settings.EMAIL_BACKEND = BACKENDS[name]


def known_to(name, delivery):
    """What the provider says when it is asked for this e-mail and has it."""
    sending = outbox.sending_name_of(delivery)
    message = {"headers": {"message-id": build_message_id(outbox.sending_name_of(delivery)).strip("<>")}}
    return {
        "mailgun": {"/example.je/events": {"items": [{"event": "accepted", "message": message}]}},
        "postmark": {"/messages/outbound": {"TotalCount": 1, "Messages": [{"Metadata": {"sending": sending}}]}},
        "sendgrid": {
            "/messages": {"messages": [{"msg_id": "m1"}]},
            "/messages/m1": {"msg_id": "m1", "unique_args": f"{{'sending': '{sending}'}}"},
        },
        "amazon_ses": {},
    }[name]


def unknown_to(name):
    somebody_elses = {"Metadata": {"sending": "delivery-1-1"}}
    return {
        "mailgun": {"/example.je/events": {"items": []}},
        "postmark": {"/messages/outbound": {"TotalCount": 1, "Messages": [somebody_elses]}},
        "sendgrid": {"/messages": {"messages": []}},
        "amazon_ses": {},
    }[name]


def lose_the_answer(provider, delivery):
    provider.status = None
    mail.deliver_owed_mail(delivery.pk)
    provider.status = 200


def try_again(delivery, clock):
    clock.move_to(Delivery.objects.get(pk=delivery.pk).next_attempt_at)
    mail.deliver_owed_mail(delivery.pk)
    delivery.refresh_from_db()
    return delivery


@pytest.mark.parametrize("name", ["mailgun", "postmark", "sendgrid"])
def test_what_the_provider_has_is_not_sent_again(owed, provider, settings, clock, name):
    choose(settings, provider, name)
    lose_the_answer(provider, owed)
    owed.refresh_from_db()
    assert (owed.doubt, owed.sent_at) == (DeliveryDoubt.UNANSWERED, None)
    provider.remembered = known_to(name, owed)
    row = try_again(owed, clock)
    assert (len(provider.bodies), row.doubt, row.sent_at, row.next_attempt_at) == (1, FOUND, timezone.now(), None)
    assert any(outbox.sending_name_of(owed) in str(question) for question in provider.asked)


@pytest.mark.parametrize("name", ["mailgun", "postmark", "sendgrid"])
def test_what_the_provider_has_not_is_sent_again(owed, provider, settings, clock, name):
    choose(settings, provider, name)
    lose_the_answer(provider, owed)
    provider.remembered = unknown_to(name)
    row = try_again(owed, clock)
    assert (len(provider.bodies), row.doubt, row.sent_at) == (2, MISSING, timezone.now())


@pytest.mark.parametrize(("name", "said"), [("amazon_ses", {}), ("sendgrid", {"/messages": 403}), ("mailgun", {})])
def test_where_nobody_can_be_asked_it_goes_again_and_says_so(owed, provider, settings, clock, name, said):
    """Amazon has no such question; SendGrid's is an extra; Mailgun's may be closed to a key that only sends."""
    choose(settings, provider, name)
    lose_the_answer(provider, owed)
    provider.remembered = said
    row = try_again(owed, clock)
    assert (len(provider.bodies), row.doubt, row.sent_at) == (2, BLIND, timezone.now())


def test_news_of_a_message_proves_that_it_went(owed, provider, settings, clock):
    """Amazon tells of it before it is tried again: nothing needs to be asked."""
    choose(settings, provider, "amazon_ses")
    lose_the_answer(provider, owed)
    sending = outbox.sending_name_of(owed)
    news = {"at": timezone.now(), "delivery_id": owed.pk, "sending": sending}
    assert outbox.record_mail_event("1@amazon", DeliveryOutcome.DELIVERED, **news)
    row = try_again(owed, clock)
    assert (len(provider.bodies), row.doubt, row.outcome) == (1, FOUND, DeliveryOutcome.DELIVERED)


def test_word_that_it_was_taken_arrives_before_the_answer_is_given_up(owed, provider, settings, clock):
    """SendGrid says “processed” within seconds, and cannot be asked afterwards."""
    choose(settings, provider, "sendgrid")
    delivery = outbox.claim_delivery(owed.pk)
    metadata = mail.build_message(delivery).metadata
    event = AnymailTrackingEvent(event_type="queued", metadata=metadata, timestamp=timezone.now())
    tracking.send(sender=None, event=event, esp_name="SendGrid")
    provider.status = None
    mail.send_delivery(delivery)
    row = try_again(owed, clock)
    assert (len(provider.bodies), row.doubt, row.sent_at) == (1, FOUND, timezone.now())


def test_news_of_an_earlier_request_proves_nothing(owed, provider, settings, clock):
    choose(settings, provider, "amazon_ses")
    earlier = outbox.sending_name_of(owed)
    clock.shift(timedelta(minutes=2))
    outbox.owe_delivery_again(owed.order, DeliveryKind.TICKETS)
    news = {"at": timezone.now(), "delivery_id": owed.pk, "sending": earlier}
    assert not outbox.record_mail_event("1@amazon", DeliveryOutcome.DELIVERED, **news)
    assert not outbox.record_mail_accepted(owed.pk, earlier)


def test_a_worker_that_died_after_sending_asks_before_it_sends_again(owed, provider, settings, clock):
    choose(settings, provider, "mailgun")
    mail.build_message(outbox.claim_delivery(owed.pk)).send()  # and nobody lived to write it down
    provider.remembered = known_to("mailgun", owed)
    row = try_again(owed, clock)
    assert (len(provider.bodies), row.doubt, row.last_error) == (1, FOUND, "")


def test_a_worker_that_died_before_sending_sends(owed, provider, settings, clock):
    choose(settings, provider, "mailgun")
    outbox.claim_delivery(owed.pk)
    provider.remembered = unknown_to("mailgun")
    row = try_again(owed, clock)
    assert (len(provider.bodies), row.doubt, row.sent_at) == (1, MISSING, timezone.now())


def test_a_provider_that_does_not_answer_the_question_is_waited_for_but_not_for_ever(owed, provider, settings, clock):
    choose(settings, provider, "postmark")
    lose_the_answer(provider, owed)
    provider.remembered = {"/messages/outbound": 503}
    rows = [try_again(owed, clock) and (len(provider.bodies), owed.doubt) for _ in range(4)]
    assert rows == [(1, DeliveryDoubt.UNANSWERED)] * 3 + [(2, BLIND)]


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_clear_no_leaves_no_doubt(owed, provider, settings, clock, status):
    choose(settings, provider, "mailgun")
    provider.status = status
    mail.deliver_owed_mail(owed.pk)
    provider.status = 200
    row = try_again(owed, clock)
    assert (provider.asked, row.doubt, row.sent_at) == ([], "", timezone.now())


@pytest.mark.parametrize("name", BACKENDS)
def test_nothing_left_when_nobody_listens(owed, settings, name):
    with MailProvider() as gone:
        choose(settings, gone, name)
    mail.deliver_owed_mail(owed.pk)
    owed.refresh_from_db()
    assert (owed.doubt, owed.sent_at, owed.attempts) == ("", None, 1)


def test_a_mail_server_that_hangs_up_gets_the_same_message_again(owed, settings, clock):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        for name, value in server.settings().items():
            setattr(settings, name, value)
        server.answers = {"DATA": None}
        mail.deliver_owed_mail(owed.pk)
        server.answers = {}
        row = try_again(owed, clock)
    assert (row.doubt, row.sent_at) == (BLIND, timezone.now())
    assert [letter["Message-ID"] for letter in server.letters] == [build_message_id(outbox.sending_name_of(owed))] * 2


def test_a_corrected_address_is_another_message(owed):
    """Asked for twice within a second: the provider must not take the second for the first."""
    before = outbox.sending_name_of(owed)
    with time_machine.travel("2027-03-13T18:00:00.200Z", tick=False):
        outbox.owe_delivery_again(owed.order, DeliveryKind.TICKETS, pause=timedelta(0))
    owed.refresh_from_db()
    assert outbox.sending_name_of(owed) != before


def test_staff_read_it_on_the_order(client, owed):
    client.force_login(User.objects.create_superuser("boss"))
    for doubt in DeliveryDoubt:
        Delivery.objects.update(doubt=doubt)
        assert str(doubt.label) in client.get(reverse("orders:inspect", args=[owed.order_id])).text
    outbox.owe_delivery_again(owed.order, DeliveryKind.TICKETS, pause=timedelta(0))
    assert Delivery.objects.get().doubt == ""
