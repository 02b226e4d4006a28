"""What became of messages that the mail provider took: delivered, bounced, called spam. Anymail reads its words."""

import json
import logging
from datetime import UTC, datetime, timedelta

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from protection.limits import seconds_to_wait

logger = logging.getLogger(__name__)

OLDEST = timedelta(days=2)  # providers try again for a day at most
RUBBISH = (AnymailWebhookValidationFailure, ValueError, KeyError, TypeError, AttributeError, OverflowError)


def signed_by_mailgun(request):
    return json.loads(request.body)["signature"]["timestamp"]


def signed_by_sendgrid(request):
    return request.headers["X-Twilio-Email-Event-Webhook-Timestamp"]


# For each provider Anymail's view, the setting with the key, and where the time stands that is part of the signature
PROVIDERS = {
    "mailgun": (MailgunTrackingWebhookView, "MAILGUN_WEBHOOK_SIGNING_KEY", signed_by_mailgun),
    "sendgrid": (SendGridTrackingWebhookView, "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY", signed_by_sendgrid),
}


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def receive(request, provider):
    """Open to whoever signs with the provider's key; does not exist while that key is not set.

    Unsigned, altered, unreadable or stale: 400, and only that is counted for the limit. A replay within OLDEST is
    harmless: news only ever moves on (`deliveries.record_event`).
    """
    view_class, key, signed_at = PROVIDERS.get(provider, (None, "", None))
    if not settings.ANYMAIL.get(key):
        raise Http404
    if request.method == "HEAD":
        return HttpResponse()
    view = view_class()
    try:
        view.run_validators(request)
        refuse_stale(signed_at(request))
        events = view.parse_events(request)
    except RUBBISH as error:
        logger.warning("mail_events.refused provider=%s error=%s", provider, type(error).__name__)
        return HttpResponse(status=429 if seconds_to_wait(request, "callback") else 400)
    for event in events:
        view.signal.send(sender=view_class, event=event, esp_name=view.esp_name)
    return HttpResponse()


def refuse_stale(signed_at):
    """Raises `ValueError` for what was signed long ago, or is said to be signed in the future. Seconds since 1970."""
    if abs(timezone.now() - datetime.fromtimestamp(int(signed_at), UTC)) > OLDEST:
        raise ValueError("stale")
