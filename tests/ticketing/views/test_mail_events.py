"""What mail providers tell of our messages, signed as they sign: believed once, never backwards, never unsigned."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from payments.models import Alert
from tests.factories import make_order
from tests.ticketing.mail_provider import MailProvider
from ticketing.domain.messages import outbox
from ticketing.enums import DeliveryKind, DeliveryOutcome
from ticketing.models import Delivery

pytestmark = pytest.mark.django_db
MAILGUN, SENDGRID = "/mail/events/mailgun/", "/mail/events/sendgrid/"
POSTMARK, AMAZON = "/mail/events/postmark/", "/mail/events/amazon_ses/"
KEY = "key-of-mailgun"
OWN_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    OWN_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()


@pytest.fixture(autouse=True)
def keys(settings):
    settings.ANYMAIL = settings.ANYMAIL | {
        "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
        "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": PUBLIC,
    }


def make_delivery(kind=DeliveryKind.TICKETS, **fields):
    now = timezone.now() - timedelta(minutes=5)
    defaults = {"requested_at": now, "sent_at": now, "attempts": 1, "message_id": "<m1@example.je>"}
    return Delivery.objects.create(order=make_order(), kind=kind, **defaults | fields)


def mailgun(client, event, *, message_id="m1@example.je", stamp=None, key=KEY, **more):
    stamp, token = str(int(stamp or time.time())), "t" * 50
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    data = {"event": event, "timestamp": time.time(), "recipient": "ana@example.je", **more}
    data["message"] = {"headers": {"message-id": message_id}}
    body = {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": data}
    return client.post(MAILGUN, json.dumps(body), content_type="application/json")


def sendgrid(client, *events, stamp=None, key=OWN_KEY, body=None, altered=b""):
    stamp = str(int(stamp or time.time()))
    body = json.dumps(events).encode() if body is None else body
    signature = base64.b64encode(key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
    }
    return client.post(SENDGRID, body + altered, content_type="application/json", headers=headers)


def sent_by_sendgrid(event, **more):
    return {"event": event, "anymail_id": "<m1@example.je>", "timestamp": int(time.time()), "sg_event_id": "e", **more}


FAILED = {"severity": "permanent", "delivery-status": {"message": "550 <ana@example.je> user unknown"}}


@pytest.mark.parametrize(
    ("event", "more", "outcome"),
    [
        ("delivered", {}, DeliveryOutcome.DELIVERED),
        ("failed", {"severity": "temporary"}, DeliveryOutcome.DELAYED),
        ("failed", FAILED, DeliveryOutcome.BOUNCED),
        ("complained", {}, DeliveryOutcome.COMPLAINED),
        ("opened", {}, ""),
    ],
)
def test_mailgun_tells_what_became_of_a_message(client, event, more, outcome):
    delivery = make_delivery()
    assert mailgun(client, event, **more).status_code == 200
    delivery.refresh_from_db()
    assert delivery.outcome == outcome


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        ("delivered", DeliveryOutcome.DELIVERED),
        ("deferred", DeliveryOutcome.DELAYED),
        ("bounce", DeliveryOutcome.BOUNCED),
        ("dropped", DeliveryOutcome.BOUNCED),
        ("spamreport", DeliveryOutcome.COMPLAINED),
        ("processed", ""),
    ],
)
def test_sendgrid_tells_what_became_of_a_message(client, event, outcome):
    delivery = make_delivery()
    assert sendgrid(client, sent_by_sendgrid("open"), sent_by_sendgrid(event)).status_code == 200
    delivery.refresh_from_db()
    assert delivery.outcome == outcome


def test_a_bounce_keeps_its_reason_without_the_address_and_tells_staff_once(client, caplog):
    delivery = make_delivery()
    for _ in range(2):
        mailgun(client, "failed", **FAILED)
    delivery.refresh_from_db()
    assert delivery.outcome_reason == "550 <…> user unknown"
    alert = Alert.objects.get()
    assert delivery.order.reference in alert.title
    assert alert.path == f"/admin/orders/inspect/{delivery.order_id}/"
    assert "ana@" not in alert.title + alert.text + caplog.text


def test_what_no_database_takes_is_left_out_of_a_reason_and_refused_as_an_id(client):
    delivery = make_delivery()
    words = {"severity": "permanent", "delivery-status": {"message": f"550\0 no such\r\n user{chr(0xD800)}"}}
    assert mailgun(client, "failed", **words).status_code == 200
    delivery.refresh_from_db()
    assert delivery.outcome_reason == "550 no such user"
    for odd in ("m\0@example.je", f"m{chr(0xD800)}@example.je"):
        assert mailgun(client, "delivered", message_id=odd).status_code == 400


def test_only_tickets_that_come_back_alert_staff(client):
    make_delivery(DeliveryKind.FAILURE)
    mailgun(client, "failed", **FAILED)
    assert not Alert.objects.exists()


@pytest.mark.parametrize("order", [["delivered", "failed"], ["failed", "delivered"], ["failed", "failed", "delivered"]])
def test_the_worst_news_stands_in_whatever_order_it_comes(client, order):
    delivery = make_delivery()
    for event in order:
        mailgun(client, event, **(FAILED if event == "failed" else {}))
    delivery.refresh_from_db()
    assert delivery.outcome == DeliveryOutcome.BOUNCED


def test_news_of_an_older_message_does_not_count(client):
    delivery = make_delivery(requested_at=timezone.now() - timedelta(hours=1))
    mailgun(client, "failed", **FAILED)
    outbox.owe_delivery_again(delivery.order, DeliveryKind.TICKETS)
    delivery.refresh_from_db()
    assert delivery.outcome == ""
    outbox.record_delivery_sent(delivery, message_id="<m2@example.je>")
    mailgun(client, "complained")
    mailgun(client, "delivered", message_id="m2@example.je")
    delivery.refresh_from_db()
    assert delivery.outcome == DeliveryOutcome.DELIVERED


def test_a_provider_that_is_quicker_than_we_are_is_understood_by_the_number_it_carries(client):
    delivery = make_delivery(message_id="", sent_at=None, next_attempt_at=timezone.now())
    mailgun(client, "delivered", message_id="other@mailgun", **{"user-variables": {"delivery": str(delivery.pk)}})
    delivery.refresh_from_db()
    assert delivery.outcome == DeliveryOutcome.DELIVERED


@pytest.mark.parametrize("number", ["1x", "-1", "²", "", "9" * 40, None, ["1"], {"a": 1}])
def test_unknown_messages_and_odd_numbers_are_ignored(client, number):
    delivery = make_delivery()
    response = mailgun(client, "delivered", message_id="other", **{"user-variables": {"delivery": number}})
    assert response.status_code == 200
    delivery.refresh_from_db()
    assert delivery.outcome == ""


def test_the_number_does_not_reach_a_message_that_is_sent(client):
    """Nor an erased person's, whose message ids are gone."""
    delivery = make_delivery(message_id="")
    mailgun(client, "delivered", message_id="other", **{"user-variables": {"delivery": str(delivery.pk)}})
    delivery.refresh_from_db()
    assert delivery.outcome == ""


def test_what_is_not_signed_by_the_provider_is_refused(client):
    delivery = make_delivery()
    assert mailgun(client, "delivered", key="guess").status_code == 400
    assert (
        sendgrid(client, sent_by_sendgrid("delivered"), key=ec.generate_private_key(ec.SECP256R1())).status_code == 400
    )
    assert sendgrid(client, sent_by_sendgrid("delivered"), altered=b" ").status_code == 400
    assert client.post(SENDGRID, "[]", content_type="application/json").status_code == 400
    delivery.refresh_from_db()
    assert delivery.outcome == ""


@pytest.mark.parametrize("days", [-3, 3])
def test_what_was_signed_long_ago_or_in_the_future_is_refused(client, days):
    make_delivery()
    stamp = time.time() + days * 86400
    assert mailgun(client, "delivered", stamp=stamp).status_code == 400
    assert sendgrid(client, sent_by_sendgrid("delivered"), stamp=stamp).status_code == 400


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", "null", "7", '{"signature": null}', '{"signature": {"token": 1}}', "\0"]
)
def test_rubbish_is_refused(client, body):
    assert client.post(MAILGUN, body, content_type="application/json").status_code == 400
    assert client.post(MAILGUN, body, content_type="text/plain").status_code == 400
    assert client.post(SENDGRID, body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("body", [b"7", b"{", b'[{"no": "event"}]', b'[{"event": []}]', b'["x"]', b"\xff"])
def test_signed_rubbish_is_refused_too(client, body):
    assert sendgrid(client, body=body).status_code == 400


@pytest.fixture
def password(client, settings):
    """All that protects what Postmark and Amazon tell."""
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": ["mail:password-of-our-own"]}
    client.defaults["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(b"mail:password-of-our-own").decode()


def postmark(client, delivery, **event):
    body = {"MessageID": "883953f4", "Metadata": metadata_of(delivery), "Recipient": "ana@example.je"} | event
    return client.post(POSTMARK, json.dumps(body), content_type="application/json")


def amazon(client, delivery, event, *, stamp=None, kind="Notification", **more):
    """As Amazon SES tells it to Amazon SNS, and that to us: as text."""
    headers = [{"name": "X-Metadata", "value": json.dumps(metadata_of(delivery))}]
    sent = {"messageId": "1@amazon", "destination": ["ana@example.je"], "headers": headers}
    message = json.dumps(event | {"mail": sent})
    body = {"Type": kind, "MessageId": "n1", "Message": message, "Timestamp": stamp or f"{timezone.now():%FT%T.%fZ}"}
    headers = {"x-amz-sns-message-type": kind, "x-amz-sns-message-id": "n1"}
    return client.post(AMAZON, json.dumps(body | more), content_type="text/plain; charset=UTF-8", headers=headers)


def metadata_of(delivery):
    return {"delivery": str(delivery.pk), "sending": outbox.sending_name_of(delivery)}


@pytest.mark.usefixtures("password")
@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        ({"RecordType": "Delivery", "DeliveredAt": "2014-08-01T13:28:10.2735393-04:00"}, DeliveryOutcome.DELIVERED),
        (
            {"RecordType": "Bounce", "Type": "HardBounce", "Details": "<ana@example.je> unknown"},
            DeliveryOutcome.BOUNCED,
        ),
        ({"RecordType": "Bounce", "Type": "Transient"}, DeliveryOutcome.DELAYED),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, DeliveryOutcome.COMPLAINED),
        ({"RecordType": "Open"}, ""),
    ],
)
def test_postmark_tells_what_became_of_a_message(client, event, outcome):
    delivery = make_delivery(message_id="883953f4")
    assert postmark(client, delivery, **event).status_code == 200
    delivery.refresh_from_db()
    assert delivery.outcome == outcome
    assert "ana@" not in delivery.outcome_reason


BOUNCED = [{"emailAddress": "ana@example.je", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]


@pytest.mark.usefixtures("password")
@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        ({"eventType": "Send", "send": {}}, ""),
        ({"eventType": "Delivery", "delivery": {"recipients": ["ana@example.je"]}}, DeliveryOutcome.DELIVERED),
        (
            {
                "eventType": "Bounce",
                "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": BOUNCED},
            },
            DeliveryOutcome.BOUNCED,
        ),
        ({"notificationType": "Complaint", "complaint": {"complainedRecipients": BOUNCED}}, DeliveryOutcome.COMPLAINED),
        ({"eventType": "Reject", "reject": {"reason": "Bad content"}}, DeliveryOutcome.BOUNCED),
    ],
)
def test_amazon_tells_what_became_of_a_message(client, event, outcome):
    delivery = make_delivery(message_id="1@amazon")
    assert amazon(client, delivery, event).status_code == 200
    delivery.refresh_from_db()
    assert delivery.outcome == outcome


def test_without_our_password_postmark_and_amazon_are_not_believed(client, password):
    delivery = make_delivery()
    news = {"eventType": "Delivery", "delivery": {"recipients": ["ana@example.je"]}}
    assert amazon(client, delivery, news, stamp="2020-01-01T00:00:00.000Z").status_code == 400  # told long ago
    client.defaults["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(b"mail:guess").decode()
    assert postmark(client, delivery, RecordType="Delivery").status_code == 400
    assert amazon(client, delivery, news).status_code == 400
    del client.defaults["HTTP_AUTHORIZATION"]
    assert postmark(client, delivery, RecordType="Delivery").status_code == 400
    asked = amazon(client, delivery, news)
    assert (asked.status_code, asked["WWW-Authenticate"].split()[0]) == (401, "Basic")
    delivery.refresh_from_db()
    assert delivery.outcome == ""


@pytest.mark.usefixtures("password")
@pytest.mark.parametrize("body", ["", "[]", "{}", "null", "7", '{"Type": 1}', '{"RecordType": {}}', "\0"])
def test_rubbish_with_our_password_is_refused_or_nothing(client, body):
    headers = {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": "n1"}
    assert client.post(AMAZON, body, content_type="text/plain", headers=headers).status_code == 400
    assert client.post(POSTMARK, body, content_type="application/json").status_code in (200, 400)


@pytest.mark.usefixtures("password")
def test_amazons_subscription_is_confirmed_at_amazon(client, settings):
    with MailProvider() as provider:
        settings.ANYMAIL = settings.ANYMAIL | {"AMAZON_SES_CLIENT_PARAMS": provider.client_of_amazon()}
        told = {"kind": "SubscriptionConfirmation", "Token": "token-1"}
        topic = "arn:aws:sns:eu-west-2:123456789012:mail"
        provider.answer, provider.status = b"<ErrorResponse/>", 403
        assert amazon(client, make_delivery(), {}, TopicArn=topic, **told).status_code == 400
        assert amazon(client, make_delivery(), {}, TopicArn="no topic", **told).status_code == 400
    assert "Action=ConfirmSubscription" in provider.bodies[0]
    assert "Token=token-1" in provider.bodies[0]
    assert len(provider.bodies) == 1


@pytest.mark.parametrize("address", [MAILGUN, SENDGRID, POSTMARK, AMAZON, "/mail/events/pigeon/"])
def test_without_a_key_the_address_does_not_exist(client, settings, address):
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key"}
    assert client.post(address).status_code == 404


def test_a_name_and_password_are_asked_for_where_one_is_set(client, settings):
    make_delivery()
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": ["mail:secret"]}
    assert mailgun(client, "delivered").status_code == 400
    client.defaults["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(b"mail:secret").decode()
    assert mailgun(client, "delivered").status_code == 200


def test_browsers_and_readers_get_nothing(client):
    assert client.get(MAILGUN).status_code == 405
    assert client.head(MAILGUN).status_code == 200
