"""What people must hear of: each once, the worst at once, the rest together, never a flood."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.management import CommandError, call_command
from django.utils import timezone

from payments import mail
from payments.domain.monitoring import alerts
from payments.enums import Severity
from payments.models import Alert
from tests.ticketing.mail_provider import MailProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def provider(settings):
    with MailProvider() as server:
        settings.ANYMAIL = server.settings("mailgun")
        settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
        yield server


def critical(number=1, **fields):
    return alerts.raise_alert(
        f"review:{number}", f"Order {number} needs a person", severity=Severity.CRITICAL, **fields
    )


def notices(count, kind="expired"):
    for number in range(count):
        alerts.raise_alert(f"{kind}:{number}", f"{kind} {number}")


def subjects():
    return [message.subject for message in outbox.outbox]


def html_of(message):
    return message.alternatives[0][0]


def test_it_works(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as wake_ups:
        assert critical(text="Why: <b>£2.40</b> & more", path="/admin/orders/inspect/7/")
    assert len(wake_ups) == 1
    mail.send_alerts()
    [message] = outbox.outbox
    assert (message.subject, message.to) == ("CRITICAL: Order 1 needs a person", ["alerts@example.je"])
    assert "Why: <b>£2.40</b> & more" in message.body
    assert f"{mail.settings.SITE_URL}/admin/orders/inspect/7/" in message.body
    assert "&lt;b&gt;£2.40" in html_of(message)
    row = Alert.objects.get()
    assert (row.sent_at, row.next_attempt_at, row.last_error) == (timezone.now(), None, "")


def test_the_same_is_never_told_twice():
    assert [critical(), critical()] == [True, False]
    for _ in range(3):
        mail.send_alerts()
    assert len(outbox.outbox) == 1


def test_notices_come_together_and_not_again_for_a_while(clock):
    notices(3)
    mail.send_alerts()
    notices(1, kind="watch")
    mail.send_alerts()
    assert subjects() == ["3 notices"]
    clock.shift(alerts.DIGEST_PAUSE)
    mail.send_alerts()
    assert subjects() == ["3 notices", "watch 0"]


def test_nothing_owed_is_no_mail():
    mail.send_alerts()
    assert outbox.outbox == []


def test_a_long_digest_is_cut_and_says_how_much_is_missing():
    notices(233)
    alerts.raise_alert("merchant:1", "Island Arts must connect again")
    mail.send_alerts()
    [message] = outbox.outbox
    assert message.subject == "234 notices"
    assert "and 214 more" in message.body
    assert "and 214 more" in html_of(message)
    lines = [line for line in message.body.splitlines() if line.startswith("- ")]
    assert lines[:2] == ["- Island Arts must connect again", "- expired 232"]
    assert len(lines) == 20
    assert not alerts.unmailed_alerts().exists()


def test_many_critical_ones_share_the_last_mail_of_the_window(clock):
    for number in range(25):
        critical(number)
    mail.send_alerts()
    assert subjects() == [*(f"CRITICAL: Order {n} needs a person" for n in range(9)), "CRITICAL: 16 more alerts"]
    critical(99)
    mail.send_alerts()
    assert len(outbox.outbox) == 10
    clock.shift(alerts.CRITICAL_WINDOW)
    mail.send_alerts()
    assert subjects()[10:] == ["CRITICAL: Order 99 needs a person"]


def test_an_organiser_gets_only_what_concerns_them():
    alerts.raise_alert("merchant:1", "SumUp must be connected again", to="bob@arts.example.je")
    alerts.raise_alert("expired:1", "Order 1 ended unpaid")
    mail.send_alerts()
    sent = {message.to[0]: message for message in outbox.outbox}
    assert sent["alerts@example.je"].subject == "2 notices"
    assert sent["bob@arts.example.je"].subject == "SumUp must be connected again"
    assert "Order 1" not in sent["bob@arts.example.je"].body


def test_without_an_address_the_rows_wait_and_the_log_says_so_once(settings, caplog):
    settings.ALERTS_EMAIL = []
    critical(to="bob@arts.example.je")
    for _ in range(2):
        mail.send_alerts()
    assert [message.to for message in outbox.outbox] == [["bob@arts.example.je"]]
    assert [record.levelname for record in caplog.records if "alert.nobody" in record.message] == ["ERROR"]
    assert [row.last_error for row in alerts.unmailed_alerts()] == [alerts.NO_RECIPIENT]
    settings.ALERTS_EMAIL = ["late@example.je"]
    mail.send_alerts()
    assert outbox.outbox[-1].to == ["late@example.je"]


def test_a_failure_is_tried_again_for_ever(provider, clock):
    provider.status = 503
    critical()
    for pause in (1, 5, 15, 60, 240, 240, 240):
        mail.send_alerts()
        assert Alert.objects.get().next_attempt_at == timezone.now() + timedelta(minutes=pause)
        assert Alert.objects.get().last_error == "AnymailRequestsAPIError 503"
        clock.shift(timedelta(minutes=pause))
    provider.status = 200
    mail.send_alerts()
    assert Alert.objects.get().sent_at == timezone.now()


def test_what_one_worker_claimed_is_not_the_next_ones():
    critical()
    assert [len(alerts.claim_due_alerts()), len(alerts.claim_due_alerts())] == [1, 0]


def test_a_test_alert_says_where_it_went(capsys):
    call_command("send_test_alert")
    assert "Sent to alerts@example.je by" in capsys.readouterr().out
    assert subjects() == ["Test: alerts reach you"]


def test_a_test_alert_fails_aloud(settings, provider):
    provider.status = 401
    with pytest.raises(CommandError, match="alerts@example.je: AnymailRequestsAPIError 401"):
        call_command("send_test_alert")
    settings.ALERTS_EMAIL = []
    with pytest.raises(CommandError, match="ALERTS_EMAIL names nobody"):
        call_command("send_test_alert")
