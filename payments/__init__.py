"""Collecting money through a provider, and giving it back. It imports nothing of ticketing; start with `domain`."""
