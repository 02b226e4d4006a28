"""What SumUp calls. Nothing of it is believed: a callback is only a reason to ask SumUp."""

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.domain.verification import callbacks, payment_checks
from payments.views.guards import is_too_large
from protection.visitors.rate_limits import seconds_to_wait


@csrf_exempt
@require_POST
def receive_callback(request, token):
    """Open to everybody. The body is never read: the token in the address says which payment, and SumUp the rest.

    Only unknown tokens are counted: SumUp's own calls may all come from one address.
    """
    if is_too_large(request):
        return HttpResponse(status=413)
    payment = callbacks.find_payment_by_token(token)
    if payment is None:
        return HttpResponse(status=429 if seconds_to_wait(request, "callback") else 404)
    payment_checks.request_check(payment)
    return HttpResponse(status=204)
