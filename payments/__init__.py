"""Collecting money through a provider, and giving it back. It never heard of a ticket; start with `domain`."""
