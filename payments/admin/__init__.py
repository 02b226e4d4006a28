"""Payments in Wagtail's admin: accounts, payments, daily reports, discrepancies and movements, each for a
person's own merchants.

Read `base_viewset` first.
"""
