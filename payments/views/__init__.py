"""Connecting an account, and what the provider calls by itself. Read `webhooks` first."""
