"""What is left of a picture: its dots, in the colours that were meant, upright."""

from io import BytesIO

import pytest
from PIL import Image

from common.files.pictures import simplify_picture, write_picture
from tests.events_pages import pictures

CORPUS = pictures.corpus()
DEEP = {"I;16": (30_000, 116), "I": (30_000, 116), "F": (0.5, 127)}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("name", CORPUS)
def test_it_is_seen_as_it_was_meant(name):
    data, dot = CORPUS[name]
    simple = simplify_picture(Image.open(BytesIO(data)))
    assert simple.size == pictures.SIZE
    assert simple.mode in ("RGB", "RGBA")
    assert pictures.is_close(simple.getpixel((60, 50))[:3], dot)


@pytest.mark.parametrize("mode", DEEP)
def test_what_counts_higher_than_a_byte_keeps_its_brightness(mode):
    value, seen = DEEP[mode]
    for longest in (None, 20):
        deep = Image.open(BytesIO(pictures.written(Image.new(mode, (800, 1000), value), "TIFF")))
        assert simplify_picture(deep, longest=longest).getpixel((8, 8)) == (seen,) * 3


def test_what_is_clear_stays_clear():
    simple = simplify_picture(Image.open(BytesIO(pictures.palette(transparency=1))))
    assert simple.getpixel((10, 10))[3] == 0
    assert write_picture(simple, "WEBP")[1] == ".png"


def test_a_clear_picture_without_a_clear_dot_is_a_plain_one():
    assert simplify_picture(pictures.plain((1, 2, 3, 255), "RGBA")).mode == "RGB"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_nothing_of_the_camera_is_written(kind):
    lying, notes = pictures.turned()
    told = pictures.written(lying, "JPEG", exif=notes, comment=pictures.LENT, icc_profile=b"x" * 200)
    data, _ = write_picture(simplify_picture(Image.open(BytesIO(told))), kind)
    assert pictures.LENT not in data
    assert not Image.open(BytesIO(data)).getexif()
    assert set(Image.open(BytesIO(data)).info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
    }


def test_a_large_one_is_made_smaller_and_a_small_one_never_larger():
    assert simplify_picture(pictures.plain("red"), longest=50).size == (40, 50)
    assert simplify_picture(pictures.plain("red"), longest=500).size == pictures.SIZE
