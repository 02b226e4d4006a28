"""What holds for every web request, whoever wrote its view."""

from payments.sumup import time_limits


class SumUpTimeMiddleware:
    """SumUp may not keep a thread of the web's for longer than `time_limits.IN_REQUEST`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with time_limits.in_request():
            return self.get_response(request)
