"""The mail provider's reports: delivered, bounced, called spam. Anymail reads them."""

import json
import logging
from datetime import UTC, datetime, timedelta

from anymail.exceptions import AnymailError
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from protection.visitors.rate_limits import seconds_to_wait

logger = logging.getLogger(__name__)

OLDEST = timedelta(days=2)  # providers try again for a day at most
UNREADABLE = (AnymailError, ValueError, KeyError, TypeError, AttributeError, OverflowError)
UNCONFIRMED = (BotoCoreError, ClientError)  # Amazon does not let our key say yes to its subscription


def read_mailgun_time(request):
    return datetime.fromtimestamp(int(json.loads(request.body)["signature"]["timestamp"]), UTC)


def read_sendgrid_time(request):
    return datetime.fromtimestamp(int(request.headers["X-Twilio-Email-Event-Webhook-Timestamp"]), UTC)


def read_postmark_time(request):
    return timezone.now()  # Postmark signs nothing: who knows the password may name any time


def read_amazon_time(request):
    return datetime.fromisoformat(json.loads(request.body)["Timestamp"])


# For each provider Anymail's view (loaded when it is called: boto3 is slow), the setting with the key, and where the
# time stands. Anymail asks for the password in WEBHOOK_SECRET wherever it is set.
PROVIDERS = {
    "mailgun": ("mailgun.MailgunTrackingWebhookView", "MAILGUN_WEBHOOK_SIGNING_KEY", read_mailgun_time),
    "postmark": ("postmark.PostmarkTrackingWebhookView", "WEBHOOK_SECRET", read_postmark_time),
    "sendgrid": (
        "sendgrid.SendGridTrackingWebhookView",
        "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
        read_sendgrid_time,
    ),
    "amazon_ses": ("amazon_ses.AmazonSESTrackingWebhookView", "WEBHOOK_SECRET", read_amazon_time),
}


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def receive_mail_events(request, provider):
    """Open to whoever signs with the provider's key or knows our password; 404 while neither is set.

    Unsigned, altered, unreadable or stale: 400, and only that counts for the limit. A replay within OLDEST is harmless
    (`outbox.record_mail_event`).
    """
    name, key, told_at = PROVIDERS.get(provider, ("", "", None))
    if not settings.ANYMAIL.get(key):
        raise Http404
    if request.method == "HEAD":
        return HttpResponse()
    if provider == "amazon_ses" and "Authorization" not in request.headers:
        return request_password()
    view = import_string(f"anymail.webhooks.{name}")()
    try:
        events = read_events(view, request, told_at)
    except (*UNREADABLE, *UNCONFIRMED) as error:
        return refuse_events(request, provider, error)
    for event in events:
        view.signal.send(sender=type(view), event=event, esp_name=view.esp_name)
    return HttpResponse()


def read_events(view, request, told_at):
    view.run_validators(request)
    check_not_stale(told_at(request))
    return view.parse_events(request)


def refuse_events(request, provider, error):
    logger.warning("mail_events.refused provider=%s error=%s", provider, type(error).__name__)
    return HttpResponse(status=429 if seconds_to_wait(request, "callback") else 400)


def request_password():
    """Amazon sends the password only when it is asked for it."""
    return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="mail events"'})


def check_not_stale(told_at):
    """Raises `ValueError` for an aware time more than OLDEST away, either way."""
    if abs(timezone.now() - told_at) > OLDEST:
        raise ValueError("stale")
