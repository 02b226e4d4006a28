"""Words are found as people type them; no database is needed to decide that."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.search.words import (
    LONGEST_WORD,
    MOST_WORDS,
    fold_words,
    is_found,
    near_spellings,
    read_query,
    singular_forms,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = st.text(LETTERS, min_size=5, max_size=12)


def finds(typed, text):
    return is_found(fold_words(text).split(), read_query(typed).as_typed)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Zoë Brière", "briere zoe"),
        ("O’Brien", "obrien"),
        ("OBrien", "o’brien"),
        ("obrien", "o brien"),
        ("Le Brocq", "lebrocq"),
        ("lebrocq", "Le Brocq"),
        ("Ana de la Haye", "delahaye"),
        ("Jean-d’Authreau", "d'authreau"),
        ("d’O’Brien", "obrien"),
        ("St Helier", "saint helier"),
        ("St. Helier", "sthelier"),
        ("Les Châteaux", "chateau"),
        ("Women and Wolves", "woman wolf"),
        ("ana.lebrocq@bücher.example.je", "ANA.LEBROCQ@xn--bcher-kva.example.je"),
        ("ana@example.je", "ana example"),
        ("JE-ABCD2345", "je abcd 2345"),
        ("JE-ABCD2345", "abcd2345"),
        ("49.00", "£49"),
        ("Łukasz Øre", "lukasz ore"),
        ("İstanbul", "istanbul"),
        ("東京の夜", "夜"),
        ("ﬁesta", "fiesta"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("zero\u200bwidth", "zerowidth"),
        ("The Who", "the"),
    ],
)
def test_it_is_found(text, typed):
    assert finds(typed, text)


@pytest.mark.parametrize(("text", "typed"), [("Arthur", "arts"), ("Brocq", "rocq"), ("Ana Le Brocq", "ana brocq x")])
def test_it_is_not_found(text, typed):
    assert not finds(typed, text)


@given(WORDS, st.data())
def test_one_slip_of_a_word_is_near(word, data):
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    slips = [
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    ]
    for typed in slips:
        assert typed == word or word in near_spellings(typed)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_folded_to_letters_and_figures(text, other):
    folded = fold_words(text, other)
    words = folded.split(" ") if folded else []
    assert words == sorted(set(words))
    assert all(word.isalnum() and len(word) <= LONGEST_WORD for word in words)
    assert all(word.isalnum() for word in read_query(text).words)


@given(st.text(min_size=1, max_size=60))
def test_a_text_is_found_by_itself(text):
    query = read_query(text)
    assert not query or is_found(fold_words(text).split(), query.as_typed)


def test_numbers_and_short_words_have_no_near_spellings():
    assert not near_spellings("2026")
    assert not near_spellings("art")
    assert "μουσικη" in near_spellings("μουσκη")
    assert "концерт" in near_spellings("концрт")


def test_singular_forms():
    forms = {"flowers": "flower", "parties": "party", "wolves": "wolf", "churches": "church", "women": "woman"}
    forms["children"] = "child"
    assert {word: singular_forms(word)[0] for word in forms} == forms
    assert not any(map(singular_forms, ("bus", "glass", "gas", "paris", "flower", "")))


def test_long_texts_are_bounded():
    begun = time.process_time()
    assert len(read_query("word " * 500).words) == 1
    assert len(read_query(" ".join(f"w{number}" for number in range(500))).words) == MOST_WORDS
    assert [len(word) for word in read_query("x" * 5000).words] == [LONGEST_WORD]
    assert len(fold_words(" ".join(f"w{number}" for number in range(5000))).split()) == 400
    assert fold_words("夜" * 5000)
    assert not read_query("*** ’ ’ – … 🎉")
    assert time.process_time() - begun < 2
