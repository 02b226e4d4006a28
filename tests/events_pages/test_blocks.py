"""The blocks of a page: what they accept and how they come out."""

import pytest
from django.core.exceptions import ValidationError
from wagtail.rich_text import RichText

from events_pages.blocks import BodyBlock, CallToActionBlock, VideoBlock, embed_address
from tests import factories

pytestmark = pytest.mark.django_db


def render(kind, value):
    body = BodyBlock()
    return body.render(body.to_python([{"type": kind, "value": value}]))


@pytest.mark.parametrize(
    ("address", "embed"),
    [
        (
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1",
        ),
        ("https://youtu.be/dQw4w9WgXcQ?t=3", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1"),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1&autoplay=1"),
        ("https://vimeo.com/about", None),
        ("https://youtube.com.evil.example/watch?v=x", None),
        ('https://youtu.be/"onload="x', None),
        ("https://www.youtube.com/watch", None),
        ("", None),
    ],
)
def test_embed_address_knows_two_hosts(address, embed):
    assert embed_address(address) == embed


def test_video_makes_no_request_before_play():
    html = render("video", {"title": "Last year", "address": "https://youtu.be/dQw4w9WgXcQ"})

    assert "<iframe" not in html
    assert "src=" not in html
    assert 'href="https://youtu.be/dQw4w9WgXcQ"' in html
    assert "data-embed=" in html


def test_video_refuses_other_hosts():
    block = VideoBlock()
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"title": "Film", "address": "https://example.com/film"}))


def test_call_to_action_wants_one_target():
    block = CallToActionBlock()
    for page, address in ((None, ""), (factories.make_home().pk, "https://example.je/")):
        value = {"title": "Help", "text": "", "label": "Join", "page": page, "address": address}
        with pytest.raises(ValidationError):
            block.clean(block.to_python(value))


def test_picture_carries_its_words():
    picture = {"image": factories.make_poster().pk, "alt_text": "A blue wall", "decorative": False}

    html = render("picture", {"image": picture, "caption": "The wall"})

    assert 'alt="A blue wall"' in html
    assert "<figcaption>The wall</figcaption>" in html


def test_picture_refuses_to_be_without_words():
    body = BodyBlock()
    picture = {"image": factories.make_poster().pk, "alt_text": "", "decorative": False}
    with pytest.raises(ValidationError):
        body.clean(body.to_python([{"type": "picture", "value": {"image": picture, "caption": ""}}]))


def test_schedule_and_line_up_and_questions_come_out():
    moments = [{"time": "19:05", "text": "Doors"}]
    acts = [{"name": "Ana", "text": "Harp"}]
    questions = [{"question": "Parking?", "answer": "<p>Yes.</p>"}]

    assert "<time>19:05</time>" in render("schedule", {"title": "The day", "moments": moments})
    assert "Harp" in render("line_up", {"title": "Line-up", "acts": acts})
    assert "<summary>Parking?</summary>" in render("questions", {"title": "Ask", "questions": questions})


def test_quote_is_escaped():
    assert "<b>" not in render("quote", {"text": "<b>loud</b>", "who": "Ana"})


def test_text_comes_out_as_rich_text():
    body = BodyBlock()
    html = body.render(body.normalize([("text", RichText("<p>Hello</p>"))]))
    assert "<p>Hello</p>" in html


def test_ticket_offer_of_a_deleted_sale_copes():
    assert "Error" not in render("ticket_offer", {"sale": 999_999})
