"""What we post to SendGrid and what it tells us, against its own documents: Anymail does not test it any more."""

import base64
import json
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jsonschema import Draft202012Validator, ValidationError

from events_pages.models import Organiser
from tests import factories
from tests.ticketing.mail_provider import BACKENDS, MailProvider
from ticketing import mail
from ticketing.domain.messages import outbox
from ticketing.enums import DeliveryDoubt, DeliveryKind, DeliveryOutcome
from ticketing.models import Delivery

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning"),
]
PUBLISHED = json.loads((Path(__file__).parent / "sendgrid-mail-send.json").read_text())
# Where the document gives another type than its own words, which say "key/value pairs must be strings"
PUBLISHED["properties"]["custom_args"] = {"type": "object", "additionalProperties": {"type": "string"}}
# "Reserved headers" of the Mail Send API: with one of them it refuses the message
RESERVED = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
RESERVED |= {"to", "from", "subject", "reply-to", "cc", "bcc"}
KEY = ec.generate_private_key(ec.SECP256R1())


def closed(schema):
    """The same, with nothing in it that is not published: SendGrid answers 400 to what it does not know."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    more = {"additionalProperties": False} if "properties" in schema else {}
    return {name: closed(value) for name, value in schema.items()} | more


CONTRACT = Draft202012Validator(closed(PUBLISHED))


@pytest.fixture
def provider(settings):
    with MailProvider() as server:
        server.status, server.answer = 202, ""
        settings.ANYMAIL = server.settings("sendgrid")
        settings.EMAIL_BACKEND = BACKENDS["sendgrid"]
        public = KEY.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        settings.ANYMAIL["SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"] = base64.b64encode(public).decode()
        yield server


@pytest.fixture
def order():
    organiser = factories.make_organiser()
    Organiser.objects.update(email="organiser@example.je")  # so that there is somebody to reply to
    organiser.refresh_from_db()
    event = factories.make_event("Żaneta – 東京", organiser=organiser)
    return factories.make_order(factories.make_type(factories.make_sale(event)), buyer_name="Ana Le Brocq")


def post(provider, order, kind=DeliveryKind.TICKETS):
    """(the row, what SendGrid got)."""
    delivery = outbox.owe_delivery(order, kind)
    mail.deliver_owed_mail(delivery.pk)
    delivery.refresh_from_db()
    return delivery, json.loads(provider.bodies[-1])


def test_what_we_post_is_what_sendgrid_publishes(provider, order):
    for kind in (DeliveryKind.TICKETS, DeliveryKind.LINKS, DeliveryKind.EXPIRY, DeliveryKind.ADDRESS_CHANGED):
        delivery, body = post(provider, order, kind)
        CONTRACT.validate(body)
        assert delivery.sent_at
        assert not {name.lower() for name in body.get("headers", {})} & RESERVED
        assert [each["type"] for each in body["content"]] == ["text/plain", "text/html"]
        assert body["headers"]["Message-ID"] == mail.message_id(delivery)
        assert body["custom_args"] == {"delivery": str(delivery.pk), "sending": outbox.sending_name_of(delivery)}
        assert body["tracking_settings"]["open_tracking"] == {"enable": False}


@pytest.mark.parametrize(
    "change",
    [
        {"personalizations": [{}]},
        {"content": [{"type": "text/plain", "value": ""}]},
        {"custom_args": {"delivery": 7}},
        {"attachments": [{"content": "JVBERg=="}]},
        {"tracking_settings": {"open_tracking": {"enable": "no"}}},
        {"something_new": True},
    ],
)
def test_the_contract_can_be_broken(provider, order, change):
    body = post(provider, order, DeliveryKind.EXPIRY)[1]
    with pytest.raises(ValidationError):
        CONTRACT.validate(body | change)


COMMON = {
    "email": "ana@example.je",
    "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
    "category": ["tickets"],
    "sg_event_id": "ZGVsaXZlcmVkLTAtMTIz",
    "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
    "asm_group_id": 10,
    "marketing_campaign_id": 1,
    "marketing_campaign_name": "none",
    "pool": {"name": "shared", "id": 210},
}
BOUNCE = {"reason": "500 unknown recipient", "status": "5.0.0", "bounce_classification": "Invalid Address"}
EVENTS = [
    ({"event": "processed"}, ""),
    ({"event": "deferred", "response": "400 try again later", "attempt": "5"}, DeliveryOutcome.DELAYED),
    ({"event": "delivered", "response": "250 OK", "tls": 1, "ip": "168.1.1.1"}, DeliveryOutcome.DELIVERED),
    ({"event": "bounce", "type": "bounce", "tls": 1, "ip": "168.1.1.1", **BOUNCE}, DeliveryOutcome.BOUNCED),
    ({"event": "bounce", "type": "blocked", **BOUNCE}, DeliveryOutcome.BOUNCED),
    ({"event": "dropped", "reason": "Bounced Address", "status": "5.0.0"}, DeliveryOutcome.BOUNCED),
    ({"event": "spamreport"}, DeliveryOutcome.COMPLAINED),
    ({"event": "open", "useragent": "Mozilla/4.0", "ip": "255.255.255.255", "sg_machine_open": True}, ""),
    ({"event": "click", "url": "https://example.je/", "useragent": "Mozilla/4.0", "ip": "255.255.255.255"}, ""),
    ({"event": "unsubscribe"}, ""),
    ({"event": "account_status_change", "type": "compliance_suspend"}, ""),
    ({"event": "something_new"}, ""),
]


def tell(client, *events):
    body, stamp = json.dumps(events).encode(), str(int(time.time()))
    signature = base64.b64encode(KEY.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    headers = {"X-Twilio-Email-Event-Webhook-Signature": signature, "X-Twilio-Email-Event-Webhook-Timestamp": stamp}
    return client.post("/mail/events/sendgrid/", body, content_type="application/json", headers=headers)


def as_sendgrid_tells(event, body):
    """Each event carries the custom arguments of its message; an asynchronous bounce no `sg_message_id`."""
    arguments = body["custom_args"] | body["personalizations"][0]["custom_args"]
    return COMMON | {"timestamp": int(time.time())} | arguments | event


def test_each_published_event_is_understood(client, provider, order):
    _, body = post(provider, order)
    for event, expected in EVENTS:
        Delivery.objects.update(outcome="", outcome_at=None)
        assert tell(client, as_sendgrid_tells(event, body)).status_code == 200
        assert Delivery.objects.get().outcome == expected, event


def test_a_late_bounce_without_a_message_id_is_understood(client, provider, order):
    _, body = post(provider, order)
    event = as_sendgrid_tells(EVENTS[3][0], body)
    del event["sg_message_id"], event["smtp-id"]
    tell(client, event)
    assert Delivery.objects.get().outcome == DeliveryOutcome.BOUNCED


def test_many_events_in_one_post_each_count(client, provider, order):
    first, body = post(provider, order)
    second, other = post(provider, factories.make_order(), DeliveryKind.EXPIRY)
    tell(client, as_sendgrid_tells(EVENTS[3][0], body), as_sendgrid_tells(EVENTS[2][0], other))
    outcomes = dict(Delivery.objects.values_list("pk", "outcome"))
    assert outcomes == {first.pk: DeliveryOutcome.BOUNCED, second.pk: DeliveryOutcome.DELIVERED}


def test_processed_settles_a_lost_answer(client, provider, order):
    provider.status = None
    delivery, body = post(provider, order)
    assert delivery.doubt == DeliveryDoubt.UNANSWERED
    tell(client, as_sendgrid_tells({"event": "processed"}, body))
    Delivery.objects.update(next_attempt_at=delivery.requested_at)
    mail.deliver_owed_mail(delivery.pk)
    delivery.refresh_from_db()
    assert (len(provider.bodies), delivery.doubt, delivery.next_attempt_at) == (1, DeliveryDoubt.FOUND, None)
