"""Posters are drawn by the project itself: none alike, the same on every machine."""

from io import BytesIO

import pytest
from PIL import Image

from demo import posters
from demo.content.events import EVENTS


def test_poster_is_a_picture_of_poster_size():
    picture = Image.open(BytesIO(posters.draw("harbour", "Sea Shanties", "St Brelade")))

    assert picture.size == (1200, 1500)
    assert len(picture.getcolors()) > 20


def test_poster_is_the_same_every_time():
    assert posters.draw("books", "Books", "St Peter") == posters.draw("books", "Books", "St Peter")


def test_every_event_has_a_scene_of_its_own():
    scenes = [event.scene for event in EVENTS]

    assert len(set(scenes)) == len(scenes)
    assert set(scenes) <= set(posters.SCENES)


@pytest.mark.parametrize("title", ["A", "Word " * 30, "Donaudampfschifffahrtsgesellschaft " * 2, "Fête d’Noué ł ő ș"])
def test_poster_takes_any_title(title):
    assert posters.draw("orchard", title, "St Mary").startswith(b"\x89PNG")
