"""Uploads are served without DEBUG too: a platform has no web server of its own in front."""

import pytest


@pytest.fixture
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media" / "images").mkdir(parents=True)
    (tmp_path / "media" / "images" / "poster.png").write_bytes(b"a picture")
    (tmp_path / "secret.txt").write_text("not an upload")


@pytest.mark.django_db
def test_a_picture_is_served_and_may_be_kept(client, uploads, settings):
    settings.DEBUG = False
    answer = client.get("/media/images/poster.png")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["images/other.png", "images/", "../secret.txt", "images/%2e%2e/%2e%2e/secret.txt"])
def test_nothing_else_is_served(client, uploads, path):
    answer = client.get(f"/media/{path}")
    assert answer.status_code in (400, 404)
    assert b"not an upload" not in answer.getvalue()
