"""The page of state diagrams says what the code allows."""

import pytest
from django.core.management import CommandError, call_command

from operations.management.commands import draw_states


def test_the_page_is_what_the_code_draws():
    call_command("draw_states", "--check")


def test_a_page_that_is_out_of_date_is_refused_and_drawn_again(tmp_path, monkeypatch):
    page = tmp_path / "states.md"
    page.write_text("old", encoding="utf-8")
    monkeypatch.setattr(draw_states, "PATH", page)
    with pytest.raises(CommandError):
        call_command("draw_states", "--check")
    call_command("draw_states")
    assert page.read_text(encoding="utf-8") == draw_states.draw_page()
