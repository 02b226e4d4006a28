"""What SumUp calls. Nothing of it is believed: a callback or an event is only a reason to ask SumUp."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.domain.verification import payment_checks, references, webhook_events
from payments.provider import BadWebhookEvent
from payments.sumup import events
from protection.visitors.rate_limits import seconds_to_wait

LARGEST_BODY = 64 * 1024


@csrf_exempt
@require_POST
def receive_callback(request, token):
    """Open to everybody. The body is never read: the token in the address says which payment, and SumUp the rest.

    Only unknown tokens are counted: SumUp's own calls may all come from one address.
    """
    if _is_too_large(request):
        return HttpResponse(status=413)
    payment = references.find_payment_by_token(token)
    if payment is None:
        return HttpResponse(status=429 if seconds_to_wait(request, "callback") else 404)
    payment_checks.request_check(payment)
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def receive_event(request):
    """Open to whoever signs with SUMUP_EVENTS_SECRET; does not exist while that is not set."""
    if not settings.SUMUP_EVENTS_SECRET:
        raise Http404
    if _is_too_large(request):
        return HttpResponse(status=413)
    try:
        event = events.read_event(request.body, signature=request.headers.get("X-SumUp-Webhook-Signature"))
    except BadWebhookEvent:
        return HttpResponse(status=429 if seconds_to_wait(request, "callback") else 400)
    webhook_events.receive_event(event)
    return HttpResponse(status=204)


def _is_too_large(request):
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not (length.isdigit() and len(length) < 12 and int(length) <= LARGEST_BODY)
