"""Taking people out of sentences: every name, whatever it is made of, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.privacy.redaction import ERASED_MARK, SHORTEST_NAME_PART, compile_name_pattern, redact_text

LETTERS = st.characters(categories=["L"])
WORDS = st.text(LETTERS, min_size=SHORTEST_NAME_PART, max_size=12)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("Ana Le Brocq rang", "[erased] rang"),
        ("Mrs LE BROCQ, 12.50", "Mrs LE [erased], 12.50"),
        ("write to ana@example.je or <bob@example.je>.", "write to [erased] or <[erased]>."),
        ("Anabel moved to Guernsey", "Anabel moved to Guernsey"),
        ("", ""),
    ],
)
def test_it_works(sentence, left):
    assert redact_text(sentence, compile_name_pattern({"Ana Le Brocq"})) == left


@given(name=NAMES, before=st.text(), after=st.text())
def test_no_name_and_no_part_of_it_is_left(name, before, after):
    left = redact_text(f"{before} {name} {after} {name.upper()}.", compile_name_pattern({name})).replace(
        ERASED_MARK, " "
    )
    assert not set(name.split()) & set(left.split())


@given(st.text(alphabet="0123456789£., -JE"))
def test_figures_and_references_stay(text):
    assert redact_text(text, compile_name_pattern({"Ana Le Brocq"})) == text


@pytest.mark.parametrize("names", [set(), {""}])
def test_without_a_name_addresses_still_go(names):
    assert redact_text("bob@example.je and Ana", compile_name_pattern(names)) == f"{ERASED_MARK} and Ana"
