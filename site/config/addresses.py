"""Where a request came from."""

from ipaddress import ip_address

from django.conf import settings


def client_address(request):
    """Where the request came from, or None when nobody can say.

    Behind the platform's router (the one whose X-Forwarded-Proto we trust) the last address it wrote down counts;
    whatever a visitor puts before it does not.
    """
    text = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        text = request.headers.get("X-Forwarded-For", text).rpartition(",")[2].strip()
    try:
        return str(ip_address(text))
    except ValueError:
        return None
