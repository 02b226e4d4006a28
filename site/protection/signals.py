"""What protection tells whoever listens above. Nothing depends on it."""

from django.dispatch import Signal

unusual = Signal()
"""Administrators should hear of it. Sends `key`, `title`, `text` and `path`; no personal data in any of them."""
