"""Codes survive whatever people, telephones and scanners make of them. No database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text.typed_codes import (
    REFERENCE_LETTERS,
    TICKET_LETTERS,
    find_code,
    find_reference,
    find_typed_reference,
    is_same_code,
    tidy_code,
)

REFERENCE = "JE-7K2M9QXT"
LOOKALIKES = str.maketrans("ABCEHKMPTXY", "АВСЕНКМРТХУ")  # Cyrillic
GREEK = str.maketrans("ABEHKMNPTXYZ", "ΑΒΕΗΚΜΝΡΤΧΥΖ")
MANGLINGS = {
    "small": str.lower,
    "wide": lambda text: "".join(chr(ord(each) + 0xFEE0) for each in text),
    "spelled": " ".join,
    "grouped": lambda text: "\u2009".join(text[at : at + 4] for at in range(0, len(text), 4)),
    "dashes": lambda text: "\u2011".join(text[at : at + 3] for at in range(0, len(text), 3)),
    "slashes": lambda text: "/".join(text[at : at + 5] for at in range(0, len(text), 5)),
    "dots": ".".join,
    "wedge": lambda text: f"\ufeff{text}\r\n",
    "symbology": lambda text: f"]Q1{text}",
    "invisible": "\u200b".join,
    "hyphenated": "\u00ad".join,
    "quoted": lambda text: f" “{text}”. ",
    "cyrillic": lambda text: text.translate(LOOKALIKES),
    "greek": lambda text: text.translate(GREEK).lower().replace("ς", "σ"),
    "alike": lambda text: text.replace("0", "O").replace("1", "l").replace("V", "u"),
    "labelled": lambda text: f"Ticket code: {text}",
    "italic": lambda text: "".join(chr(0x1D434 + ord(each) - 65) if each.isalpha() else each for each in text),
    "broken": lambda text: f"{text[:6]}\n  {text[6:]}",
}
REFERENCES = (
    "Ref: JE-7K2M9QXT.",
    "je 7k2m 9qxt",
    "JE--7K2M9QXT",
    "JE–7K2M-9QXT",
    "JE7K2M9QXT",
    "7K2M9QXT",
    "order 7k2m-9qxt",
    "J E 7 K 2 M 9 Q X T",
    "https://tickets.example.je/tickets/orders/JE-7K2M9QXT/aB3_x-9QyZ1234567890/",
    "<https://example.je/tickets/orders/je-7k2m9qxt/aB3_x-9QyZ/>, thanks",
    "JE-7K2M9QXT-ABC234",  # how SumUp names a payment of it
    "“JE-7K2M90XT”",  # nobody has a nought
    "It is JE-7K2M9QXT, my booking for Friday",
)
NO_REFERENCES = (
    "",
    "JE-",
    "Ana Vautier",
    "Le Brocq",
    "JE-7K2M9QX",
    "JE-7K2M9QXTT",
    "https://example.je/events/",
    "‮" * 600,
)


@given(code=st.text(TICKET_LETTERS, min_size=16, max_size=16), how=st.sampled_from([*MANGLINGS]))
def test_a_ticket_code_survives(code, how):
    assert find_code(MANGLINGS[how](code), TICKET_LETTERS, 16) == code


@given(code=st.text(REFERENCE_LETTERS, min_size=8, max_size=8), how=st.sampled_from([*MANGLINGS]))
def test_a_reference_survives(code, how):
    assert (
        find_reference(MANGLINGS[how](f"JE-{code}" if how not in ("wide", "italic", "greek") else f"JE{code}"))
        == f"JE-{code}"
    )


def test_references_are_found_where_people_put_them():
    for text in REFERENCES:
        assert find_reference(text) == REFERENCE, text


def test_a_reference_of_other_letters_is_found_as_it_is():
    assert find_typed_reference("ref. je-t000 0001,") == "JE-T0000001"
    assert find_typed_reference("Ana Vautier") == ""


@pytest.mark.parametrize("text", NO_REFERENCES, ids=ascii)
def test_other_words_are_no_reference(text):
    assert find_reference(text) == ""


@given(text=st.text(max_size=80))
def test_any_text_gets_an_answer(text):
    assert set(find_code(text, TICKET_LETTERS, 16)) <= set(TICKET_LETTERS)
    assert find_reference(text)[3:].isalnum() or not find_reference(text)
    tidy_code(text)


def test_a_code_of_others_is_one_run_of_capitals():
    assert tidy_code(" “taaa-4xyz 9k”.\n") == "TAAA4XYZ9K"


ACCESS = {
    "SUMMER-24": (
        "summer 24",
        "“Summer24”",
        "summer–24.",
        "\ufeffSUMMER24\n",
        "ｓｕｍｍｅｒ２４",
        "SUММER24",
        "sum\u00admer 24",
    ),
    "VIP10": ("vip1o", "VlP I0", "vip 10"),
    "Крапаўд": ("крапаўд", " КРАПАЎД "),
    "***": ("***", " *** "),
}


def test_an_access_code_opens_however_it_is_typed():
    for wanted, typed in ACCESS.items():
        for each in typed:
            assert is_same_code(each, wanted), each
        assert not is_same_code("", wanted)
        assert not is_same_code("SUMMER25", wanted)
