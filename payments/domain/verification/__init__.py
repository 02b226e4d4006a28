"""Whether a payment is paid: when the provider is asked, and what its answer changes.

Read `payment_checks` first; `decision` says what an answer means, `polling` and `check_schedule` when the next is due.
"""
