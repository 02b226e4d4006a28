"""E-mail: the provider, the sender's address, what was accepted, bounces."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.enums import Urgency
from operations.launch.checks.environment import is_example_address
from operations.launch.registry import amber, green, red, register_check
from payments import mail
from payments.models import Alert
from ticketing.enums import DeliveryOutcome
from ticketing.models import Delivery

RECENT = timedelta(days=1)
A_WEEK = timedelta(days=7)
SENDS = {
    "mailgun": "Mailgun",
    "postmark": "Postmark",
    "amazon_ses": "Amazon SES",
    "sendgrid": "SendGrid",
    "smtp": "SMTP",
}
SIGNED_WITH = {
    "mailgun": ("MAILGUN_WEBHOOK_KEY", "MAILGUN_WEBHOOK_SIGNING_KEY"),
    "postmark": ("MAIL_WEBHOOK_SECRET", "WEBHOOK_SECRET"),
    "amazon_ses": ("MAIL_WEBHOOK_SECRET", "WEBHOOK_SECRET"),
    "sendgrid": ("SENDGRID_WEBHOOK_KEY", "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"),
}
"""Per provider the name of its key in the environment and in Anymail. Without the key there is no webhook."""


@register_check("mail-provider", gettext_lazy("E-mail provider"))
def check_provider(facts):
    if settings.EMAIL_PROVIDER in SENDS:
        return green(SENDS[settings.EMAIL_PROVIDER])
    return red(
        _("EMAIL_PROVIDER is %(name)s: no e-mail leaves this machine.") % {"name": settings.EMAIL_PROVIDER},
        _("Set it to %(names)s, with its key.") % {"names": ", ".join(SENDS)},
    )


@register_check("mail-sender", gettext_lazy("Sender's address"))
def check_sender(facts):
    if is_example_address(settings.DEFAULT_FROM_EMAIL):
        return red(
            _("DEFAULT_FROM_EMAIL is %(address)s.") % {"address": settings.DEFAULT_FROM_EMAIL},
            _("Use an address of your own domain, which your provider may send for."),
        )
    return green(settings.DEFAULT_FROM_EMAIL)


@register_check("mail-accepted", gettext_lazy("E-mail is accepted"), is_slow=True)
def check_accepted(facts):
    if facts.send_mail:
        return send_test_mail()
    since = facts.now - RECENT
    took = [model.objects.filter(sent_at__gt=since).count() for model in (Delivery, Alert)]
    if sum(took):
        return green(_("E-mails taken by the provider in the last day: %(count)d.") % {"count": sum(took)})
    if late := Delivery.objects.filter(next_attempt_at__lt=facts.now, attempts__gt=1).count():
        return red(
            _("%(count)d e-mails were tried more than once and did not go.") % {"count": late},
            _("Their orders show why; look at the provider's key and domain."),
        )
    return amber(
        _("None was sent in the last day, so nobody knows."), _("Run `manage.py launch_check --send-mail` once.")
    )


def send_test_mail():
    if not settings.ALERTS_EMAIL:
        return red(_("There is nobody to send it to."), _("Set ALERTS_EMAIL."))
    try:
        addresses = mail.send_test_alert()
    except mail.NOT_SENT as error:
        return red(
            _("Not taken: %(error)s.") % {"error": mail.describe_failure(error)}, _("Look at the key and the domain.")
        )
    return green(_("Taken for %(addresses)s.") % {"addresses": ", ".join(addresses)})


@register_check("mail-bounces", gettext_lazy("Bounces are heard"), urgency=Urgency.SHOULD)
def check_bounces(facts):
    if settings.EMAIL_PROVIDER == "smtp":
        return amber(
            _("A plain mail server tells nobody of bounces: they come back as e-mails to the sender's address."),
            _("Have somebody read %(address)s, or use a provider that tells.")
            % {"address": settings.DEFAULT_FROM_EMAIL},
        )
    if settings.EMAIL_PROVIDER not in SIGNED_WITH:
        return amber(_("No provider sends our e-mail, so nobody tells us of bounces."), _("Set EMAIL_PROVIDER."))
    variable, key = SIGNED_WITH[settings.EMAIL_PROVIDER]
    if not settings.ANYMAIL.get(key):
        return amber(
            _("Nobody tells us when a ticket bounces: %(name)s is not set.") % {"name": variable},
            _("Set it, and give your provider the address SITE_URL + /mail/events/%(name)s/.")
            % {"name": settings.EMAIL_PROVIDER},
        )
    back = Delivery.objects.filter(outcome=DeliveryOutcome.BOUNCED, outcome_at__gt=facts.now - A_WEEK).count()
    if back:
        return amber(_("Came back in the last week: %(count)d.") % {"count": back}, _("Each order shows its own."))
    return green(_("The provider tells us; none came back in the last week."))
