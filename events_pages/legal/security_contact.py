"""The file that says where to report a hole: RFC 9116's security.txt."""

from datetime import UTC, timedelta
from email.utils import parseaddr
from urllib.parse import quote

from django.conf import settings

from events_pages.models import SiteSettings

GOOD_FOR = timedelta(days=180)  # RFC 9116, 2.5.5: less than a year


def find_security_contact():
    """With its scheme: what is set, or who answers questions, or who hears of trouble; "" for nobody."""
    if settings.SECURITY_CONTACT:
        return settings.SECURITY_CONTACT
    known = [SiteSettings.of_default_site().contact_email, *settings.ALERTS_EMAIL]
    addresses = [parseaddr(each)[1] for each in known]
    return next((f"mailto:{quote(each, safe='@')}" for each in addresses if "@" in each), "")


def security_txt_lines(contact, *, path, now):
    """Expires at a midnight, so that the file changes once a day."""
    until = (now + GOOD_FOR).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    yield f"Contact: {contact}"
    yield f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}"
    yield "Preferred-Languages: en"
    yield f"Canonical: {settings.SITE_URL}{path}"
