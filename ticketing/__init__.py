"""Selling: seats, orders, tickets, the door. It stands on `events_pages` and `payments`; start with `domain`."""
