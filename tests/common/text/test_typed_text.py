"""What people type and paste, as it is kept. No database."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text.typed_text import is_broken, is_readable, tidy_line, tidy_text

STAYS = (
    "Ana Vautier",
    "A",
    "O’Brien",
    "d’Authreau",
    "李小龙",
    "A" * 120,
    "Nguyễn Thị Hồng",
    "Ana 🎉",
    "👨‍👩‍👧‍👦 Le Brocq",  # a family, joined
    "👩🏽‍⚕️ Ana",  # a skin, a profession, drawn in colour
    "🏳️‍🌈",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿 Ana",  # England, by tags
    "1️⃣",
    "\U0001fae9 newer than Python's own tables",
    "علی‌رضا",
    "ශ්‍රී රාම්",
    "മോഹന്‍",  # ends with a joiner that changes its last letter
    "葛󠄀城",
    "ᠰᠠᠶᠢᠨ ᠪᠠᠢᠨ᠎ᠠ",
    "မြွှေ့",
    "בְּרֵאשִׁ֖ית",
    "สมชาย",
    "Ḩ̲̀",
    "⠁⠝⠁",
)
LINES = {
    "Ana\x0bVautier": "Ana Vautier",
    "Ana\x1fVautier": "Ana Vautier",
    "\x08Ana": "Ana",
    "Ana\x00": "Ana",
    "Ana\nBcc: all": "Ana Bcc: all",
    "Ana\r\nVautier": "Ana Vautier",
    "Ana\x85Vautier": "Ana Vautier",
    "Ana\u2028Vautier": "Ana Vautier",
    " Ana\u00a0\u2003 Vautier\t": "Ana Vautier",
    "山田\u3000太郎": "山田 太郎",
    "Ana\u200bVautier": "AnaVautier",
    "Ana\u00ad\u2060\u3164\u034f\ufeffVautier": "AnaVautier",
    "\u202eAna\u202c\u200f": "Ana",
    "\u2066Ana\u2069": "Ana",
    "Ana\ufffc": "Ana",  # what a telephone leaves behind when it was spoken to
    "Ana\ue000\ufdd0\U0001ffff\U000f0000": "Ana",
    "Ana\ud800": "Ana",
    "Ana\U000e0041\U000e007f": "Ana",
    "A\u200dB": "AB",
    "A\u200c": "A",
    "Ana\ufe0f": "Ana",
    "1\ufe0f": "1",
    "\u180eAna\u180b": "Ana",
    "\u2800Ana\u2800\u2800B": "Ana B",
    "Nguye\u0302\u0303n": "Nguyễn",
    "e\u200b\u0301": "é",
    "A\u030a" + "\u0316\u0324\u0359\u0330" * 20: "Å\u0316\u0324\u0359",
    "ก" + "\u0e47" * 30: "ก" + "\u0e47" * 6,
    "👨\u200d\u200d👩": "👨‍👩",
    "👨\u200d": "👨",
}
TEXTS = {
    "Two\r\nlines\x0bthree": "Two\nlines\nthree",
    "A\tB  C\u00a0D\u202fE": "A\tB  C\u00a0D\u202fE",
    "A\u2003B\x1fC": "A B C",
    "<p>caf\u0065\u0301\u00a0&amp;\u200b</p>": "<p>café\u00a0&amp;</p>",
    "Ana\ud800\x00\ufffe": "Ana",
    "": "",
}


@pytest.mark.parametrize("text", STAYS)
def test_what_people_write_stays(text):
    assert tidy_line(text) == tidy_text(text) == text
    assert is_readable(text)


@pytest.mark.parametrize(("typed", "kept"), LINES.items(), ids=ascii)
def test_a_line_is_kept_as_it_is_seen(typed, kept):
    assert tidy_line(typed) == kept


@pytest.mark.parametrize(("typed", "kept"), TEXTS.items(), ids=ascii)
def test_several_lines_are_kept_as_they_are_seen(typed, kept):
    assert tidy_text(typed) == kept


NOTHING = (
    "",
    " ",
    "\u200b",
    "\u00ad",
    "\u2060",
    "\u3164",
    "\u0301\u0301",
    "\u200d\u200c",
    "\ufe0f",
    "\u2800",
    "...",
    "-",
)


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_nobody_reads_marks_and_points_alone(text):
    assert not is_readable(text)


@pytest.mark.parametrize("text", [f"Ana{chr(0xD800)}", f"{chr(0xDFFF)}Ana", "Ana\ufffd"], ids=ascii)
def test_half_of_a_character_is_noticed(text):
    assert is_broken(text)
    assert not is_broken("Ana 🎉")


CLOSE = st.sampled_from("a1é🏴👨☺️⃣‍‌\u0301\u0316\u094dक่ก᠎ᠠ᠋葛󠄀\U000e0067\U000e007f\u200b \n\t\x0b\u00a0\ud800")
ANY = st.text(alphabet=CLOSE | st.characters(), max_size=60)


@given(text=ANY)
def test_what_is_tidy_stays_as_it_is(text):
    line, lines = tidy_line(text), tidy_text(text)
    assert tidy_line(line) == line
    assert tidy_text(lines) == lines
    assert tidy_line(lines) == line
    assert line == unicodedata.normalize("NFC", line)
    assert len(line.splitlines()) <= 1
    line.encode()
    assert not {unicodedata.category(each) for each in line} & {"Cc", "Cs", "Co", "Zl", "Zp"}
