"""Wagtail's import of redirects reads a row by its columns, and fails on one that is short without a word."""

from wagtail.contrib.redirects import views

_wagtails_create_redirects = views.create_redirects_from_dataset


def install_redirect_import():
    """Again it changes nothing."""
    views.create_redirects_from_dataset = create_redirects_from_rows


def create_redirects_from_rows(dataset, config):
    """What is missing in a row is empty, so the form of that row refuses it in words."""
    columns = max(config["from_index"], config["to_index"]) + 1
    return _wagtails_create_redirects([[*row, *[""] * (columns - len(row))] for row in dataset], config)
