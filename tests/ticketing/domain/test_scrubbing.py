"""Taking people out of sentences: every name, whatever it is made of, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.scrubbing import GONE, SHORTEST, pattern_of, scrub

LETTERS = st.characters(categories=["L"])
WORDS = st.text(LETTERS, min_size=SHORTEST, max_size=12)
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
    assert scrub(sentence, pattern_of({"Ana Le Brocq"})) == left


@given(name=NAMES, before=st.text(), after=st.text())
def test_no_name_and_no_part_of_it_is_left(name, before, after):
    left = scrub(f"{before} {name} {after} {name.upper()}.", pattern_of({name})).replace(GONE, " ")
    assert not set(name.split()) & set(left.split())


@given(st.text(alphabet="0123456789£., -JE"))
def test_figures_and_references_stay(text):
    assert scrub(text, pattern_of({"Ana Le Brocq"})) == text


@pytest.mark.parametrize("names", [set(), {""}])
def test_without_a_name_addresses_still_go(names):
    assert scrub("bob@example.je and Ana", pattern_of(names)) == f"{GONE} and Ana"
