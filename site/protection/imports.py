"""Wagtail's import of redirects reads a row by its columns, and fails on one that is short without a word."""

from wagtail.contrib.redirects import views

_create_as_wagtail = views.create_redirects_from_dataset


def install_whole_rows():
    """Again it changes nothing."""
    views.create_redirects_from_dataset = create_redirects


def create_redirects(dataset, config):
    """What is missing in a row is empty, so the form of that row refuses it in words."""
    columns = max(config["from_index"], config["to_index"]) + 1
    return _create_as_wagtail([[*row, *[""] * (columns - len(row))] for row in dataset], config)
