"""One content policy for the public site, one for Wagtail, whose editor and explorer carry inline scripts."""

from dataclasses import replace

from csp.middleware import CSPMiddleware
from django.conf import settings

ADMIN_DIRECTIVES = {
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "frame-src": ["'self'"],
}


# Connecting a SumUp account looks like the admin, and its form ends on SumUp's own pages.
CONNECT = "/payments/sumup/connect/"
CONNECT_DIRECTIVES = ADMIN_DIRECTIVES | {"form-action": ["'self'", "https://*.sumup.com", settings.SUMUP_API_URL]}


class ContentPolicyMiddleware(CSPMiddleware):
    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            return replace(parts, replace=ADMIN_DIRECTIVES)
        if request.path_info.startswith(CONNECT):
            return replace(parts, replace=CONNECT_DIRECTIVES)
        return parts
