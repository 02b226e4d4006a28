"""What an error report may carry: what went wrong and where, never a code, a token or a person."""

import re
from urllib.parse import urlsplit

SECRET_PATHS = re.compile(r"(/tickets/orders/[^/]+/|/payments/sumup/callback/)[^/]+")


def without_secrets(event, hint=None):
    """For Sentry's `before_send`: an address without its query and without the token in its path."""
    request = event.get("request") or {}
    for name in ("query_string", "cookies", "data"):
        request.pop(name, None)
    if isinstance(request.get("url"), str):
        request["url"] = SECRET_PATHS.sub(r"\1-", urlsplit(request["url"])._replace(query="", fragment="").geturl())
    return event
