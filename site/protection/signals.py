"""Signals of protection to the apps above. Nothing depends on their being heard."""

from django.dispatch import Signal

unusual = Signal()
"""Administrators should hear of it. Sends `key`, `title`, `text` and `path`; no personal data in any of them."""
