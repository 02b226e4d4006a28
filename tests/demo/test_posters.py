"""Every event of the demo has a poster of its own."""

from django.utils.text import slugify
from PIL import Image

from demo.content.events import EVENTS, poster_file


def test_every_event_has_a_poster_of_its_own():
    pictures = [Image.open(poster_file(slugify(event.title))) for event in EVENTS]

    assert {picture.size for picture in pictures} == {(1200, 1500)}
    assert len({picture.tobytes() for picture in pictures}) == len(EVENTS)


def test_no_poster_is_left_over():
    kept = {path.stem for path in poster_file("").parent.iterdir()}

    assert kept == {slugify(event.title) for event in EVENTS}
