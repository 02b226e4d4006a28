"""Uploads are served without DEBUG too: a platform has no web server of its own in front. Strangers see renditions."""

from io import BytesIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture
from wagtail.images.models import Image
from wagtail.models import Collection, GroupCollectionPermission
from wagtail.users.models import UserProfile

from tests.protection.people import give_app

pytestmark = pytest.mark.django_db

PRIVATE = [
    "images/other.png",
    "images/",
    "images",
    "",
    "../secret.txt",
    "images/%2e%2e/%2e%2e/secret.txt",
    "images/..%2f..%2fsecret.txt",
    "images%5C..%5Csecret.txt",
    "documents/contract.pdf",
    "documents%5Ccontract.pdf",
    "documents%2Fcontract.pdf",
    "images/../documents/contract.pdf",
    "DOCUMENTS/contract.pdf",
    "backups/jersey-20260314T030500Z/auth_user.tsv.gz",
    "jersey-20260314T030500Z/auth_user.tsv.gz",
    "original_images/poster.png",
    "images/.hidden",
    "images/%00",
    "images/" + "x" * 300,
    "images/" + "x" * 5000,
    "images/caf%C3%A9.png",
    "images/%FF.png",
    "images/a%0Ab.png",
    "images/poster.png%20",
    "images/poster.png/",
]


@pytest.fixture
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    for name in ("images/poster.png", "images/.hidden", "documents/contract.pdf", "original_images/poster.png"):
        path = tmp_path / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a picture" if name == "images/poster.png" else b"private")
    for folder in ("backups/jersey-20260314T030500Z", "jersey-20260314T030500Z"):
        (tmp_path / "media" / folder).mkdir(parents=True)
        (tmp_path / "media" / folder / "auth_user.tsv.gz").write_bytes(b"private")
    (tmp_path / "secret.txt").write_text("private")


def test_a_rendition_is_served_and_may_be_kept(client, uploads, settings, django_assert_num_queries):
    settings.DEBUG = False
    with django_assert_num_queries(0):
        answer = client.get("/media/images/poster.png")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("path", PRIVATE)
def test_nothing_else_is_served(client, uploads, path):
    answer = client.get(f"/media/{path}")
    assert (answer.status_code, b"private" in answer.getvalue()) == (404, False)


@pytest.fixture
def original(settings, tmp_path):
    """The picture of an organiser, in a collection of their own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    data = BytesIO()
    Picture.new("RGB", (8, 8), "#0b5c73").save(data, "PNG")
    collection = Collection.get_first_root_node().add_child(name="Opera House")
    return Image.objects.create(
        title="Poster", file=SimpleUploadedFile("poster.png", data.getvalue()), collection=collection
    )


def make_editor(name, collection):
    """Somebody who may choose pictures of one collection."""
    from django.contrib.auth.models import Permission

    group = Group.objects.create(name=name)
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    choose = Permission.objects.get(codename="choose_image")
    GroupCollectionPermission.objects.create(group=group, collection=collection, permission=choose)
    user = User.objects.create_user(name, password="x")
    user.groups.add(group)
    return user


def test_an_original_is_for_whoever_may_choose_it(client, original):
    """It may show more than the page does; the admin links to it."""
    elsewhere = Collection.get_first_root_node().add_child(name="Arts Centre")
    own, other = make_editor("own", original.collection), make_editor("other", elsewhere)
    nobody = User.objects.create_user("buyer", password="x")
    for user, code in ((None, 404), (nobody, 404), (other, 404), (own, 200)):
        client.logout()
        if user:
            client.force_login(user)
        answer = client.get(original.file.url)
        assert (user, answer.status_code) == (user, code)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_whoever_owes_the_second_step_sees_no_original(client, original):
    ana = User.objects.create_superuser("ana", password="x")
    client.force_login(ana)
    assert client.get(original.file.url).status_code == 200
    give_app(ana)
    assert client.get(original.file.url).status_code == 404


def test_portraits_are_for_the_staff(client, original, admin_user):
    UserProfile.objects.create(user=admin_user, avatar=original.file.name)
    folder = original.file.storage.path("avatar_images")
    from pathlib import Path

    Path(folder).mkdir()
    (Path(folder) / "ana.png").write_bytes(b"a face")
    assert client.get("/media/avatar_images/ana.png").status_code == 404
    client.force_login(admin_user)
    assert client.get("/media/avatar_images/ana.png").getvalue() == b"a face"
