"""The one signal that payments sends upwards. A hint: nothing may depend on its arrival."""

from django.dispatch import Signal

payment_changed = Signal()
"""Sent after commit with `subject`: what the payment is for, in the words of whoever asked for it."""
