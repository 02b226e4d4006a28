"""What a link may have been before a sentence, a mail program or a messenger changed it."""

import pytest

from common.text.forwarded_links import list_mended_paths

ORDER = "/tickets/orders/JE-AB12CD34/"
ENDS = (
    *(".", ",", ")", "]", ">", "”", "’", "'", "!", "?", "…", ").", "/.", "/)", "/”."),
    *(" ", "\u200b", "\ufeff", "\u00ad", "*", "=", "&utm_source=x", "&amp;a=b"),
    *("–", " –", "<br>", "/<br>", "=20", "/=20", "?utm_source=x", "#tickets"),
)
TOKEN = "abcdefghijklmnopqrstuvwxyz234567abcdefgh"


def test_it_works():
    assert list(list_mended_paths("/events/sea-shanties).")) == ["/events/sea-shanties"]


@pytest.mark.parametrize("end", ENDS)
def test_what_follows_a_link_is_no_part_of_it(end):
    assert next(list_mended_paths(f"{ORDER}{TOKEN}{end}")) == f"{ORDER}{TOKEN}"
    assert next(list_mended_paths(f"/events/sea{end}")) == "/events/sea"
    assert next(list_mended_paths(f"/{end}")) == ""


@pytest.mark.parametrize("broken", ["\n", "\r\n", "=\n", "=\r\n", " ", "\n ", "\u200b", "\t", "\u2060"])
def test_a_line_break_inside_is_no_part_of_it(broken):
    assert next(list_mended_paths(f"{ORDER}{TOKEN[:9]}{broken}{TOKEN[9:]}/")) == f"{ORDER}{TOKEN}"


@pytest.mark.parametrize("end", ["_", "/_", "-", "/-", "/_."])
def test_what_a_token_may_end_with_is_tried_first_and_then_left_out(end):
    """A messenger writes slanting text between underscores."""
    assert f"{ORDER}{TOKEN}" in list_mended_paths(f"{ORDER}{TOKEN}{end}")


def test_the_next_words_are_no_part_of_it():
    assert "/events/sea" in list_mended_paths("/events/sea and more")


def test_a_token_is_tried_as_it_is_before_it_is_tried_in_lower_case():
    assert list(list_mended_paths("/TICKETS//orders/je-ab12cd34/Ab3_-X/Tickets.PDF")) == [
        f"{ORDER}Ab3_-X/tickets.pdf",
        f"{ORDER}ab3_-x/tickets.pdf",
    ]
    assert list(list_mended_paths("/Tickets/My-Data/1.2.AB/")) == ["/tickets/my-data/1.2.AB", "/tickets/my-data/1.2.ab"]


def test_nothing_leads_out_of_the_site_or_up():
    assert list(list_mended_paths("/events/../admin/")) == []
    assert list(list_mended_paths("//evil.example/")) == ["/evil.example"]
    assert list(list_mended_paths("/" + "x" * 600)) == []
