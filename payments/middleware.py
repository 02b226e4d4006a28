"""What holds for every web request, whoever wrote its view."""

from payments import time_limits


class ProviderTimeMiddleware:
    """SumUp may not keep a thread of the web's for longer than `time_limits.REQUEST_SECONDS`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with time_limits.request_limit():
            return self.get_response(request)
