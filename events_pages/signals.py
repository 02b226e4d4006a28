"""What events_pages tells those above it, which it does not know."""

from django.dispatch import Signal

event_changed = Signal()
"""Inside the transaction of the edit, with `page`, `changes` ({Performance: (facts before, facts after)}) and `by`.

Sent when what a ticket holder was told is not true any more: `events_pages.dates.printed_facts` says what that is.
"""
