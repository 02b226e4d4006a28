"""Only our own codes open the door, however they were typed."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ticketing.domain.admission import ticket_codes

CODE = "7K2M9QXT4HBDW3RP"
QR_ALPHANUMERIC = re.compile(r"[0-9A-Z.]{38}")

some_code = st.text(ticket_codes.ALPHABET, min_size=16, max_size=16)
quickly = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(autouse=True)
def keys(settings):
    settings.TICKET_SIGNING_KEYS = {"A": "first-secret-of-the-tests"}


def test_it_works():
    assert ticket_codes.verify_ticket_code(ticket_codes.sign_ticket_code(CODE)) == CODE


@quickly
@given(some_code)
def test_signed_codes_fit_a_small_qr_symbol(code):
    assert QR_ALPHANUMERIC.fullmatch(ticket_codes.sign_ticket_code(code))


def test_new_codes_differ():
    assert len({ticket_codes.generate_ticket_code() for _ in range(1000)}) == 1000


@quickly
@given(some_code, st.integers(0, 37), st.characters(codec="latin-1"))
def test_any_altered_character_is_refused(code, position, character):
    signed = ticket_codes.sign_ticket_code(code)
    altered = signed[:position] + character + signed[position + 1 :]
    if ticket_codes.find_code(
        altered, ticket_codes.ALPHABET, ticket_codes.SIGNED_LENGTH
    ) != ticket_codes.fold_signature(signed):
        assert ticket_codes.verify_ticket_code(altered) is None


@quickly
@given(st.text())
def test_rubbish_is_refused(text):
    assert ticket_codes.verify_ticket_code(text) is None
    assert ticket_codes.verify_ticket_code(f"JE1.{text}") is None
    assert ticket_codes.verify_ticket_code(f"JE1.{CODE}.{text}") is None


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda text: f"  {text}\r\n",
        lambda text: " ".join(text),
        lambda text: text.replace(".", "-.-"),
        lambda text: f"\ufeff{text}",
        lambda text: f"]Q1{text}\t",
        lambda text: text.replace("1", "I").replace("0", "O"),
        lambda text: "".join(chr(ord(each) + 0xFEE0) for each in text),
    ],
    ids=["lower case", "line end", "spaces", "dashes", "mark", "symbology", "alike", "wide"],
)
def test_what_keyboards_do_is_forgiven(typed):
    assert ticket_codes.verify_ticket_code(typed(ticket_codes.sign_ticket_code(CODE))) == CODE


def test_an_address_is_no_ticket():
    assert ticket_codes.verify_ticket_code(f"https://example.je/{ticket_codes.sign_ticket_code(CODE)}") is None


def test_rotation_signs_with_the_first_key_and_reads_them_all(settings):
    old = ticket_codes.sign_ticket_code(CODE)
    settings.TICKET_SIGNING_KEYS = {"B": "second-secret-of-the-tests", **settings.TICKET_SIGNING_KEYS}
    new = ticket_codes.sign_ticket_code(CODE)
    assert (old.split(".")[2][0], new.split(".")[2][0]) == ("A", "B")
    assert (ticket_codes.verify_ticket_code(old), ticket_codes.verify_ticket_code(new)) == (CODE, CODE)


def test_a_key_whose_id_no_code_has_is_read_too(settings):
    settings.TICKET_SIGNING_KEYS = {"O": "first-secret-of-the-tests", "0": "second-secret-of-the-tests"}
    assert ticket_codes.verify_ticket_code(ticket_codes.sign_ticket_code(CODE)) == CODE
    settings.TICKET_SIGNING_KEYS = dict(reversed(settings.TICKET_SIGNING_KEYS.items()))
    assert ticket_codes.verify_ticket_code(ticket_codes.sign_ticket_code(CODE).lower()) == CODE


def test_a_retired_key_opens_nothing(settings):
    old = ticket_codes.sign_ticket_code(CODE)
    settings.TICKET_SIGNING_KEYS = {"B": "second-secret-of-the-tests"}
    assert ticket_codes.verify_ticket_code(old) is None


def test_a_key_id_cannot_be_swapped(settings):
    settings.TICKET_SIGNING_KEYS = {"A": "the-same-secret-twice", "B": "the-same-secret-twice"}
    assert ticket_codes.verify_ticket_code(ticket_codes.sign_ticket_code(CODE).replace(".A", ".B")) is None


def test_typed_codes_are_read_as_printed():
    assert ticket_codes.format_ticket_code(CODE) == "7K2M 9QXT 4HBD W3RP"
    assert ticket_codes.read_typed_ticket_code(ticket_codes.format_ticket_code(CODE).lower()) == CODE
    assert ticket_codes.read_typed_ticket_code("7K2M 9QXT 4HBD W3R") is None
    assert ticket_codes.read_typed_ticket_code("7K2M 9QXT 4HBD W3RP7") is None
    assert ticket_codes.read_typed_ticket_code("7K2M 9QXT 4HBD W3RI") == "7K2M9QXT4HBDW3R1"  # no code has an I
