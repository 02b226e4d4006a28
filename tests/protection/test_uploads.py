"""What organisers may upload, and what is said about anything else."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images import get_image_model

from common.http import body_sizes

pytestmark = pytest.mark.django_db

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _signed_in(admin_client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(kind="PNG", size=(16, 16)):
    data = BytesIO()
    Picture.new("RGB", size, "#0b5c73").save(data, kind)
    return data.getvalue()


def bomb(side=20_000):
    """A few bytes that say they are a picture of four hundred million dots."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def upload(client, where, name, content):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse(f"{where}:add"), {"title": "Poster", "file": file}, follow=True)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("poster.svg", SVG, "This is an SVG drawing"),
        ("poster.png", SVG, "This is an SVG drawing"),
        ("poster.jpg", HTML, "Upload a valid image"),
        ("poster.png", b"rubbish", "Upload a valid image"),
        ("poster.png", b"", "The submitted file is empty"),
        ("poster.bmp", picture("BMP"), "This is a file of the kind “BMP”"),
        ("poster.jpg", picture("TIFF"), "This is a file of the kind “TIF”"),
        ("poster.png", picture("ICO"), "This is a file of the kind “ICO”"),
        ("poster.png", b"%PDF-1.7 a poster", "This is a file of the kind “PDF”"),
        ("poster.png", picture()[:-30], "damaged or not complete"),
        ("poster.jpg", picture("JPEG")[:-20], "damaged or not complete"),
        ("poster.gif", picture("GIF")[:-9], "damaged or not complete"),
        ("poster.webp", picture("WEBP")[:-20], "damaged or not complete"),
        ("poster.avif", picture("AVIF")[:-20], "damaged or not complete"),
        ("poster.heic", picture("HEIF")[:-20], "damaged or not complete"),
        ("poster.png", picture(size=(1, 1)), "1 pixels wide and 1 high"),
        ("poster.png", picture(size=(10_000, 1)), "10000 pixels wide and 1 high"),
        ("poster.png", picture(size=(10, 400)), "20 times as long"),
        ("poster.png", bomb(9_000), "too many pixels"),
        ("poster.png", bomb(), "too many pixels"),
        ("poster.png", picture() + b"\0" * body_sizes.PICTURE, "too big"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(admin_client, name, content, words):
    response = upload(admin_client, "wagtailimages", name, content)
    assert words in response.text
    assert not uploaded_pictures()


def uploaded_pictures():
    """All but the one that every test has."""
    return list(get_image_model().objects.exclude(title="A poster"))


@pytest.mark.parametrize(("ending", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("gif", "GIF")])
def test_pictures_are_taken(admin_client, ending, kind):
    upload(admin_client, "wagtailimages", f"poster.{ending}", picture(kind))
    assert uploaded_pictures()


@pytest.mark.parametrize("name", ["plan.html", "plan.svg", "plan.exe", "plan", "plan.pdf.js", "plan.docm"])
def test_what_is_no_document_is_refused_in_words(admin_client, name):
    response = upload(admin_client, "wagtaildocs", name, HTML)
    assert "is not allowed" in response.text
    assert not Document.objects.exists()


def test_a_document_is_bounded(admin_client):
    response = upload(admin_client, "wagtaildocs", "plan.pdf", b"%PDF" + b"\0" * body_sizes.DOCUMENT)
    assert "This file is too big" in response.text
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.pdf", "..\\..\\plan.pdf", "a\nb.pdf", "<script>.pdf", "x" * 300 + ".pdf", "\u202efdp.pdf"],
)
def test_a_file_is_named_by_us(admin_client, tmp_path, name):
    upload(admin_client, "wagtaildocs", name, b"%PDF-1.7")
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept.parent == tmp_path / "documents"
    assert len(kept.name) <= 100
    assert not set(kept.name) & set("<>/\\\n\u202e")


def test_a_page_of_text_in_a_documents_clothes_is_saved_and_never_shown(admin_client, client):
    upload(admin_client, "wagtaildocs", "plan.pdf", HTML)
    response = client.get(Document.objects.get().url)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Security-Policy"] == "default-src 'none'"


def test_a_form_is_bounded(client):
    response = client.post("/tickets/find/", {"email": "x" * body_sizes.PUBLIC})
    assert response.status_code == 413
    assert "longer than this page takes" in response.text


def test_refusing_a_long_form_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.post("/nowhere/", {"email": "x" * body_sizes.PUBLIC}).status_code == 413


def test_a_long_page_of_the_editor_is_within_bounds(admin_client):
    response = admin_client.post("/admin/login/", {"username": "x" * body_sizes.PUBLIC})
    assert response.status_code == 413
    assert admin_client.post("/admin/pages/1/edit/", {"body": "x" * 1_900_000}).status_code != 413


def test_every_longest_body_has_room_for_what_its_address_is_for():
    assert body_sizes.longest_body("/admin/images/multiple/add/") > body_sizes.PICTURE
    assert body_sizes.longest_body("/admin/documents/multiple/add/") > body_sizes.DOCUMENT
    assert body_sizes.longest_body("/admin/pages/3/edit/") > body_sizes.FORM
