"""Uploads and backups in a bucket, over HTTP against a stand-in for S3."""

from io import BytesIO

import boto3
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from moto.server import ThreadedMotoServer
from PIL import Image as Picture
from wagtail.images.models import Image

from operations.backup import archive, columns, comparing, media, places, snapshot, taking
from operations.backup.errors import KeepingError
from tests import factories

pytestmark = pytest.mark.django_db
REGION = "eu-west-2"
KEYS = {"access_key": "key", "secret_key": "secret", "region_name": REGION}


@pytest.fixture(scope="module")
def s3():
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(s3, settings):
    """The site as S3_BUCKET makes it, with an empty bucket."""
    settings.S3_ENDPOINT_URL, settings.S3_REGION = s3, "eu-west-2"
    settings.S3_ACCESS_KEY_ID = settings.S3_SECRET_ACCESS_KEY = "key"
    options = {"bucket_name": "uploads", "endpoint_url": s3, "file_overwrite": False, "default_acl": None, **KEYS}
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "config.media.BucketStorage", "OPTIONS": options}}
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": REGION}
    made = boto3.resource("s3", endpoint_url=s3, **keys).Bucket("uploads")
    made.create(CreateBucketConfiguration={"LocationConstraint": REGION})
    yield made
    made.objects.all().delete()
    made.delete()


def picture():
    data = BytesIO()
    Picture.new("RGB", (640, 400), "#f2b705").save(data, "PNG")
    return SimpleUploadedFile("poster.png", data.getvalue(), content_type="image/png")


def test_a_poster_goes_from_the_admin_to_the_bucket_and_back(bucket, client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ana", "ana@example.je", "x"))
    factories.make_home()
    client.post(reverse("wagtailimages:add"), {"title": "Poster", "file": picture(), "collection": 1})
    image = Image.objects.get()
    rendition = image.get_rendition("width-100|format-webp")
    assert {each.key for each in bucket.objects.all()} == {image.file.name, rendition.file.name}
    assert rendition.url == f"/media/{rendition.file.name}"
    answer = client.get(rendition.url)
    assert answer.status_code == 200
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/webp", "public, max-age=86400")
    assert Picture.open(BytesIO(answer.getvalue())).size[0] == 100


@pytest.mark.parametrize("path", ["images/other.png", "../secret", "documents/contract.pdf"])
def test_nothing_else_is_served(bucket, client, path):
    default_storage.save("documents/contract.pdf", SimpleUploadedFile("x", b"private"))
    assert client.get(f"/media/{path}").status_code in (400, 404)


def test_a_bucket_with_an_address_of_its_own_serves_itself(bucket, settings):
    settings.MEDIA_URL = "https://media.example.je/"
    assert default_storage.url("images/ä b.png") == "https://media.example.je/images/%C3%A4%20b.png"


def test_a_backup_goes_to_a_bucket_and_comes_back(bucket, monkeypatch):
    monkeypatch.setattr(taking, "pending_migrations", list)
    few = [table for table in columns.tables(snapshot.LEFT_OUT) if table.name.startswith("ticketing_order")]
    monkeypatch.setattr(snapshot.Snapshot, "tables", lambda self: few)
    factories.make_order()
    to = "s3://uploads/nightly/site"
    names = [taking.take(to, keep=1)[0]]
    assert places.place(to).backups() == names
    with archive.fetched(to) as found:
        assert comparing.compare(found) == []
        assert len(found.manifest.media) == 1  # the poster of the event
    assert len(list(media.walk(default_storage))) == 1  # backups in the same bucket are no uploads
    bucket.objects.filter(Prefix=f"nightly/site/{names[0]}/media").delete()
    with pytest.raises(KeepingError, match="missing"), archive.fetched(to):
        pass
    places.place(to).drop(names[0])
    assert places.place(to).folders() == {}


def test_a_bucket_that_does_not_answer_is_said(bucket, settings, monkeypatch):
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"
    monkeypatch.setattr(places, "RETRIES", {"max_attempts": 1})
    with pytest.raises(KeepingError, match="s3://uploads/x cannot be read"), archive.fetched("s3://uploads/x"):
        pass


def test_backup_command_lists_a_bucket(bucket, capsys):
    call_command("backup", to="s3://uploads/none", list=True)
    assert "There is no backup in s3://uploads/none." in capsys.readouterr().out
