"""Health probes of platforms, which ask the process itself: without TLS, and by an address that only they know."""

from django.conf import settings

PROBED = "/health/"


class ProbeMiddleware:
    """A request of `/health/` counts as asked of the site's own host, so that it is answered whatever it says.

    DigitalOcean asks by the container's address, Railway as healthcheck.railway.app. The answer never depends on the
    host; every other address stays bound to ALLOWED_HOSTS.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        own = settings.ALLOWED_HOSTS[:1]
        if request.path_info.startswith(PROBED) and own not in ([], ["*"]):
            request.META["HTTP_HOST"] = own[0].lstrip(".")
            request.META.pop("HTTP_X_FORWARDED_HOST", None)
        return self.get_response(request)
