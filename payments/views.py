"""What SumUp calls. Nothing of it is believed: a callback is only a reason to ask SumUp."""

from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.domain import callbacks, verification

LARGEST_BODY = 64 * 1024


@csrf_exempt
@require_POST
def callback(request, token):
    """The body is never read: the token in the address says which payment, and SumUp itself says the rest."""
    if _declared_length(request) > LARGEST_BODY:
        return HttpResponse(status=413)
    payment = callbacks.payment_for(token)
    if payment is None:
        raise Http404
    verification.nudge(payment)
    return HttpResponse(status=204)


def _declared_length(request):
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdigit() and len(length) < 12 else LARGEST_BODY + 1
