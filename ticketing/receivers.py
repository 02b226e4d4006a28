"""The nudge from payments. Nothing depends on it: the sweep finds what it missed."""

from django.dispatch import receiver

from payments.signals import payment_changed
from ticketing.domain import fulfilment


@receiver(payment_changed, dispatch_uid="ticketing.settle")
def settle(sender, subject, **kwargs):
    fulfilment.settle(subject)
