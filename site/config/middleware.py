"""One content policy for the public site, one for Wagtail, whose editor and explorer carry inline scripts."""

from dataclasses import replace

from csp.middleware import CSPMiddleware

ADMIN_DIRECTIVES = {
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "frame-src": ["'self'"],
}


class ContentPolicyMiddleware(CSPMiddleware):
    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            return replace(parts, replace=ADMIN_DIRECTIVES)
        return parts
