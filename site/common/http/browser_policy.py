"""Content policy, browser headers and body limits: strict for the public, wider for Wagtail, closed for files."""

from dataclasses import replace

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from common.http.body_sizes import longest_body

STATIC = "/static/"
UPLOADS = ("/media/", "/documents/")
# Other sites may show our pictures, and a content delivery network serves the static files from a host of its own.
SHARED = (STATIC, "/media/")
SCANNER = "/tickets/scan/"

# A file that somebody uploaded must never run as a page of ours, whatever is in it.
STATIC_POLICY = {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}
UPLOAD_POLICY = STATIC_POLICY | {"sandbox": [""]}
# Wagtail's editor and explorer carry inline scripts, and its own scripts set styles.
ADMIN_DIRECTIVES = {
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "frame-src": ["'self'"],
}
# Connecting a SumUp account looks like the admin, and its form ends on SumUp's own pages.
CONNECT = "/payments/sumup/connect/"
CONNECT_DIRECTIVES = ADMIN_DIRECTIVES | {"form-action": ["'self'", "https://*.sumup.com", settings.SUMUP_API_URL]}

VIDEO = '(self "https://www.youtube-nocookie.com" "https://player.vimeo.com")'
OFF = (
    *("accelerometer", "browsing-topics", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer"),
    *("microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb", "xr-spatial-tracking"),
)
FEATURES = ", ".join([f"{name}=()" for name in OFF] + [f"{name}={VIDEO}" for name in ("autoplay", "fullscreen")])


class ContentPolicyMiddleware(CSPMiddleware):
    def process_response(self, request, response):
        return response if HEADER in response else super().process_response(request, response)

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if report_only:
            return parts
        if request.path_info.startswith(UPLOADS):
            return replace(parts, config=UPLOAD_POLICY)
        if request.path_info.startswith(STATIC):
            return replace(parts, config=STATIC_POLICY)
        if more := getattr(request, "content_sources", None):  # what a captcha on this page needs
            update = parts.update or {}
            return replace(parts, update=update | {name: [*update.get(name, []), *more[name]] for name in more})
        wider = wider_directives(request.path_info)
        return replace(parts, replace=(parts.replace or {}) | wider) if wider else parts


def wider_directives(path):
    if path.startswith("/admin/"):
        return ADMIN_DIRECTIVES
    return CONNECT_DIRECTIVES if path.startswith(CONNECT) else {}


class BrowserHeadersMiddleware:
    """Which features of the device a page may ask for, and which other sites may load what is ours."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        camera = "(self)" if request.path_info.startswith(SCANNER) else "()"
        response.headers.setdefault("Permissions-Policy", f"{FEATURES}, camera={camera}")
        shared = "cross-origin" if request.path_info.startswith(SHARED) else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", shared)
        response.headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        return response


class BodyLimitMiddleware:
    """Refuses a body by its head, before anybody reads it: 413 when it is too long for its address, 411 when it does
    not say how long it is (Django would read nothing of it)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return HttpResponse("Say how long it is: Content-Length.", status=411, content_type="text/plain")
        if stated_length(request) > longest_body(request.path_info):
            return render(request, "413.html", status=413)
        return self.get_response(request)


def stated_length(request):
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0  # as Django takes it


def keep_private(response):
    """No cache keeps it, no search engine lists it. SECURE_REFERRER_POLICY hides the address, for the whole site."""
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
