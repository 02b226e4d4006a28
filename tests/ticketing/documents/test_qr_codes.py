"""QR codes are those of the library that is not asked for each."""

import io
from base64 import b64decode

import pytest
import qrcode
from PIL import Image
from qrcode.util import MODE_ALPHA_NUM, QRData

from ticketing.documents import png_pictures, qr_codes

TEXTS = ["", "A", "AB", "JE1.7K2M9QXT4HBDW3RP.A7K2M9QXT4HBDW3RP", *("$%*+-./: 0Z" * 4)[:38].split(), "9" * 37]


def draw_by_library(text):
    code = qrcode.QRCode(version=2, error_correction=qr_codes.ERROR_CORRECT_M, mask_pattern=3, border=0)
    code.add_data(QRData(text, mode=MODE_ALPHA_NUM), optimize=0)
    code.make(fit=False)
    return code.modules


@pytest.mark.parametrize("text", TEXTS)
def test_it_works(text):
    assert qr_codes.make_qr_matrix(text) == draw_by_library(text)


def test_a_longer_text_is_refused():
    with pytest.raises(ValueError, match="too long"):
        qr_codes.make_qr_matrix("A" * 39)


def test_a_picture_is_a_png_of_its_dots():
    uri = png_pictures.make_png_uri([[True, False, True], [False, False, True]], dots=5)
    picture = Image.open(io.BytesIO(b64decode(uri.removeprefix(png_pictures.DATA_URI))))
    assert (picture.size, picture.mode) == ((15, 10), "1")
    assert [picture.getpixel((x, y)) for y in (2, 7) for x in (2, 7, 12)] == [0, 255, 0, 255, 255, 0]
    width, height, dots = png_pictures.read_dots(uri)
    assert (width, height, len(dots)) == (15, 10, 20)


def test_another_png_is_not_read():
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    assert png_pictures.read_dots(png_pictures.DATA_URI + png_pictures.b64encode(out.getvalue()).decode()) is None
