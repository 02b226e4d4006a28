"""Every e-mail of payments, all for staff and organisers, and the one way any message of the site is put together."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def compose(name, *, to, **context):
    """Subject, text and HTML from `templates/emails/<name>/`. Nothing in it tells us who opened it."""
    context |= {"site_url": settings.SITE_URL}
    subject, text, html = (
        render_to_string(f"emails/{name}/{part}", context) for part in ("subject.txt", "body.txt", "body.html")
    )
    message = EmailMultiAlternatives(" ".join(subject.split()), text.strip() + "\n", to=to)
    message.attach_alternative(html, "text/html")
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    message.track_opens = message.track_clicks = False
    return message


def send_alerts():
    """Mails what is owed to staff. Nothing is, yet, when no ALERTS_EMAIL is set."""
