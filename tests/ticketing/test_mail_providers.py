"""Each provider that can be chosen, with production's settings: tickets arrive once, and a refusal is understood."""

import base64
import json
from email import message_from_bytes
from email.policy import default
from importlib import import_module

import pytest
from django.utils import timezone

from tests import factories
from tests.operations.launch.example import production_settings
from tests.ticketing.mail_provider import MailProvider, MailServer
from ticketing import mail
from ticketing.domain.messages import outbox
from ticketing.enums import DeliveryKind
from ticketing.models import Delivery

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning"),
]
TITLE = "Żaneta – 東京の夜 – أمسية 🎻"
KEYS = {
    "mailgun": {},
    "postmark": {"POSTMARK_SERVER_TOKEN": "key"},
    "sendgrid": {"SENDGRID_API_KEY": "key"},
    "amazon_ses": dict.fromkeys(
        ("AMAZON_SES_REGION", "AMAZON_SES_ACCESS_KEY_ID", "AMAZON_SES_SECRET_ACCESS_KEY"), "eu-west-2"
    ),
    "smtp": {"SMTP_HOST": "127.0.0.1", "SMTP_SECURITY": "none"},
}


@pytest.fixture
def provider():
    with MailProvider() as server:
        yield server


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


def choose(settings, monkeypatch, name, provider, server):
    """As an operator does: by EMAIL_PROVIDER and its keys. Then only the address is ours."""
    chosen = production_settings(monkeypatch, EMAIL_PROVIDER=name, **KEYS[name])
    for key in ("ANYMAIL", "EMAIL_PROVIDER", "EMAIL_USE_TLS", "EMAIL_USE_SSL"):
        setattr(settings, key, chosen.get(key, False))
    settings.EMAIL_BACKEND = import_module("config.settings.mail").BACKENDS[name]
    for key, value in (server.settings() | {"ANYMAIL": provider.settings(name)}).items():
        setattr(settings, key, value)


def taken_by_mailgun(body):
    assert TITLE in body
    return [part.partition('filename="')[2].partition('"')[0] for part in body.split("\r\n--") if "%PDF" in part]


def taken_by_postmark(body):
    letter = json.loads(body)
    assert (TITLE in letter["Subject"], letter["To"], letter["TrackOpens"]) == (True, "ana@example.je", False)
    return pdfs((each["Name"], each["Content"]) for each in letter["Attachments"])


def taken_by_sendgrid(body):
    letter = json.loads(body)
    [person] = letter["personalizations"]
    assert (TITLE in letter["subject"], person["to"]) == (True, [{"email": "ana@example.je"}])
    return pdfs((each["filename"], each["content"]) for each in letter["attachments"])


def taken_by_amazon(body):
    raw = base64.b64decode(json.loads(body)["Content"]["Raw"]["Data"])
    return taken_by_server(message_from_bytes(raw, policy=default))


def taken_by_server(letter):
    assert (TITLE in letter["Subject"], letter["To"]) == (True, "ana@example.je")
    return [each.get_filename() for each in letter.iter_attachments() if each.get_content_type() == "application/pdf"]


def pdfs(files):
    return [name for name, content in files if base64.b64decode(content).startswith(b"%PDF")]


READERS = {
    "mailgun": taken_by_mailgun,
    "postmark": taken_by_postmark,
    "sendgrid": taken_by_sendgrid,
    "amazon_ses": taken_by_amazon,
    "smtp": taken_by_server,
}


@pytest.mark.parametrize("name", READERS)
def test_tickets_in_any_script_arrive_once(provider, server, settings, monkeypatch, name):
    choose(settings, monkeypatch, name, provider, server)
    order = factories.make_order(factories.make_type(factories.make_sale(factories.make_event(TITLE))))
    delivery = outbox.owe_delivery(order, DeliveryKind.TICKETS)
    for _ in range(2):
        mail.deliver_owed_mail(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.last_error, delivery.doubt, delivery.next_attempt_at) == ("", "", None)
    assert abs(timezone.now() - delivery.sent_at).total_seconds() < 60
    [taken] = provider.bodies + server.letters
    assert READERS[name](taken) == [f"{order.reference}.pdf"]


GIVEN_UP, WAITS = True, False
INACTIVE = "Found inactive addresses: ana@example.je.\n"
REFUSALS = [
    ("mailgun", 400, {"message": "to parameter is not a valid address"}, GIVEN_UP),
    ("mailgun", 404, {"message": "Domain not found: example.je"}, WAITS),
    ("postmark", 422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ana@example.je'."}, GIVEN_UP),
    ("postmark", 422, {"ErrorCode": 406, "Message": f"{INACTIVE} Inactive recipients are ones that …"}, GIVEN_UP),
    ("postmark", 422, {"ErrorCode": 406, "Message": f"{INACTIVE} In other words."}, GIVEN_UP),
    ("postmark", 422, {"ErrorCode": 405, "Message": "Not allowed to send: you ran out of credits."}, WAITS),
    ("postmark", 401, {"ErrorCode": 10, "Message": "Bad or missing server API token."}, WAITS),
    ("sendgrid", 400, {"errors": [{"message": "Does not contain a valid address."}]}, GIVEN_UP),
    ("sendgrid", 413, {"errors": [{"message": "payload too large"}]}, GIVEN_UP),
    ("sendgrid", 401, {"errors": [{"message": "Maximum credits exceeded"}]}, WAITS),
    ("amazon_ses", 400, {"code": "MessageRejected", "message": "Email address is not verified."}, GIVEN_UP),
    ("amazon_ses", 400, {"code": "SendingPausedException", "message": "paused"}, WAITS),
    ("amazon_ses", 403, {"code": "SignatureDoesNotMatch", "message": "no"}, WAITS),
    ("amazon_ses", 429, {"code": "TooManyRequestsException", "message": "slowly"}, WAITS),
    ("smtp", "RCPT", "550 no such user", GIVEN_UP),
    ("smtp", "RCPT", "450 greylisted, try again", WAITS),
    ("smtp", "DATA", "554 looks like spam", GIVEN_UP),
    ("smtp", "DATA", "452 disk full", WAITS),
    ("smtp", "MAIL", "530 sign in first", WAITS),
]


def test_what_will_be_the_same_tomorrow_is_given_up_and_the_rest_waits(provider, server, settings, monkeypatch):
    delivery = outbox.owe_delivery(factories.make_order(), DeliveryKind.EXPIRY)
    for name, what, answer, expected in REFUSALS:
        choose(settings, monkeypatch, name, provider, server)
        provider.status, provider.answer, server.answers = what, answer, {what: answer}
        Delivery.objects.update(next_attempt_at=timezone.now(), attempts=0, last_error="", sent_at=None)
        mail.deliver_owed_mail(delivery.pk)
        delivery.refresh_from_db()
        found = (delivery.next_attempt_at is None, delivery.sent_at, delivery.doubt)
        assert found == (expected, None, ""), (name, what, answer, delivery.last_error)
        assert delivery.last_error
        assert "ana@" not in delivery.last_error


@pytest.mark.parametrize("name", KEYS)
def test_no_address_at_all_is_given_up_by_each(provider, server, settings, monkeypatch, name):
    choose(settings, monkeypatch, name, provider, server)
    delivery = outbox.owe_delivery(factories.make_order(buyer_email="nobody at all"), DeliveryKind.EXPIRY)
    mail.deliver_owed_mail(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.next_attempt_at, delivery.last_error) == (None, "AnymailInvalidAddress")


def test_one_attempt_at_amazon_is_one_request(provider, server, settings, monkeypatch):
    """boto3 repeats on its own what got no answer: each repeat would be another e-mail."""
    choose(settings, monkeypatch, "amazon_ses", provider, server)
    provider.status = None
    mail.deliver_owed_mail(outbox.owe_delivery(factories.make_order(), DeliveryKind.EXPIRY).pk)
    assert len(provider.bodies) == 1
