"""SumUp's signed events: an optional second messenger beside the callbacks."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.domain.verification import webhook_events
from payments.views.guards import is_too_large
from protection.visitors.rate_limits import seconds_to_wait


@csrf_exempt
@require_POST
def receive_event(request):
    """Open to whoever signs with SUMUP_EVENTS_SECRET; does not exist while that is not set."""
    if not settings.SUMUP_EVENTS_SECRET:
        raise Http404
    if is_too_large(request):
        return HttpResponse(status=413)
    try:
        webhook_events.receive_event(request.body, signature=request.headers.get("X-SumUp-Webhook-Signature"))
    except webhook_events.BadWebhookEvent:
        return HttpResponse(status=429 if seconds_to_wait(request, "callback") else 400)
    return HttpResponse(status=204)
