"""E-mails of payments, all for staff and organisers, and `compose_message`, which builds every message of the site."""

from itertools import groupby
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from common import sales_mode
from common.text.typed_text import drop_unwritable
from payments.domain.monitoring import alerts
from payments.enums import Severity
from payments.mail_failures import NOT_SENT, describe_failure

MOST_LINES = 20


def compose_message(name, *, to, **context):
    """Subject, text and HTML from `templates/emails/<name>/`. Nothing in it tells us who opened it."""
    context |= {"site_url": settings.SITE_URL, "is_trial": sales_mode.is_trial()}
    subject, text, html = (
        drop_unwritable(render_to_string(f"emails/{name}/{part}", context))
        for part in ("subject.txt", "body.txt", "body.html")
    )
    if context["is_trial"]:
        subject, text = f"[{_('TEST')}] {subject}", f"{trial_notice()}\n\n{text.strip()}"
    message = EmailMultiAlternatives(" ".join(subject.split()), text.strip() + "\n", to=to)
    message.attach_alternative(html, "text/html")
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    message.track_opens = message.track_clicks = False
    return message


def build_message_id(name):
    """The Message-ID of an e-mail of this site: the same name gives the same id, so that mail programs show a repeat
    once."""
    return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"


def trial_notice():
    return _("TEST: this site is being tried out. No real money, no real tickets.")


def send_alerts():
    """Mails what is owed to staff and organisers. Runs outside any transaction, any number of times, also at once."""
    for mail in alerts.claim_due_alerts():
        try:
            build_alert_message(mail).send()
        except NOT_SENT as error:
            alerts.record_alerts_failed(mail.alerts, describe_failure(error))
        else:
            alerts.record_alerts_sent(mail.alerts)


def build_alert_message(mail):
    newest = mail.alerts[-1]
    if len(mail.alerts) == 1 and newest.severity == Severity.CRITICAL:
        message = compose_message("alert", to=mail.addresses, alert=newest)
    else:
        groups, more = group_for_digest(mail.alerts)
        critical = newest.severity == Severity.CRITICAL
        count = len(mail.alerts)
        message = compose_message(
            "alerts_digest", to=mail.addresses, groups=groups, more=more, critical=critical, count=count
        )
    message.extra_headers["Message-ID"] = build_message_id(f"alert-{newest.pk}-{newest.raised_at:%Y%m%d%H%M%S}")
    message.metadata = {"alert": newest.pk}
    return message


def group_for_digest(rows):
    """(groups of alerts of one kind, how many more there are): newest first, at most MOST_LINES in all.

    Every kind gets its lines before one kind gets many: a hundred expired orders hide nothing else.
    """
    newest = sorted(rows, key=lambda row: -row.pk)
    kinds = [list(each) for _, each in groupby(sorted(newest, key=alert_kind), key=alert_kind)]
    ranked = sorted((rank, -row.pk, row) for each in kinds for rank, row in enumerate(each))[:MOST_LINES]
    shown = {row.pk for *_, row in ranked}
    groups = [[row for row in each if row.pk in shown] for each in kinds]
    return sorted(filter(None, groups), key=lambda each: -each[0].pk), len(rows) - len(shown)


def alert_kind(row):
    return row.key.partition(":")[0]


def send_test_alert():
    """Sends now, past the queue, and returns the addresses. Raises what the mail backend raises."""
    message = compose_message("alert_test", to=settings.ALERTS_EMAIL)
    message.send()
    return message.to
