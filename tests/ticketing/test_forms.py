"""Addresses that somebody probably did not mean."""

import pytest

from ticketing.forms import DetailsForm, likely_address

GOOD = {"name": "Ana", "email": "ana@example.je", "terms": "on"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ana@gmial.com", "ana@gmail.com"),
        ("ana@gmail.co", "ana@gmail.com"),
        ("Ana@HOTMIAL.com", "Ana@hotmail.com"),
        ("ana@yaho.co.uk", "ana@yahoo.co.uk"),
        ("ana@outlok.com", "ana@outlook.com"),
        ("ana@gmail.com", ""),
        ("ana@GMAIL.com", ""),
        ("ana@example.je", ""),
        ("ana@parish.je", ""),
        ("@gmial.com", ""),
        ("", ""),
    ],
)
def test_likely_address(typed, meant):
    assert likely_address(typed) == meant


def test_details_are_taken():
    assert DetailsForm(GOOD).is_valid()


def test_a_doubtful_address_passes_once_insisted_on():
    assert not DetailsForm(GOOD | {"email": "ana@gmial.com"}).is_valid()
    assert not DetailsForm(GOOD | {"email": "ana@gmial.com", "insisted": "other@gmial.com"}).is_valid()
    assert DetailsForm(GOOD | {"email": "ana@gmial.com", "insisted": "ana@gmial.com"}).is_valid()
