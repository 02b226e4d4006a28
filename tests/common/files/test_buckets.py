"""Uploads and backups in a bucket, over HTTP against a stand-in for S3."""

from io import BytesIO

import boto3
import pytest
from botocore.config import Config
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from moto.server import ThreadedMotoServer
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images import get_image_model
from wagtail.images.models import Image
from wagtail.models import CollectionViewRestriction

from operations.backup import archive, codec, create, drill, media, snapshot, storage
from operations.backup.errors import BackupError
from tests import factories

pytestmark = pytest.mark.django_db
REGION = "eu-west-2"
BOTO = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": REGION}
KEYS = {"access_key": "key", "secret_key": "secret", "region_name": REGION}


@pytest.fixture(scope="module")
def s3():
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(s3, settings, monkeypatch):
    """The site as S3_BUCKET makes it, with an empty bucket."""
    settings.S3_ENDPOINT_URL, settings.S3_REGION = s3, "eu-west-2"
    settings.S3_ACCESS_KEY_ID = settings.S3_SECRET_ACCESS_KEY = "key"
    options = {"bucket_name": "uploads", "endpoint_url": s3, "file_overwrite": False, "default_acl": None, **KEYS}
    for alias, backend in (("default", "PrivateBucket"), ("renditions", "PublicBucket")):
        made = {alias: {"BACKEND": f"common.files.buckets.{backend}", "OPTIONS": options}}
        settings.STORAGES = settings.STORAGES | made
    file = get_image_model().get_rendition_model()._meta.get_field("file")
    monkeypatch.setattr(file, "storage", storages["renditions"])
    made = boto3.resource("s3", endpoint_url=s3, **BOTO).Bucket("uploads")
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
    image = Image.objects.get(title="Poster")
    rendition = image.get_rendition("width-100|format-webp")
    assert {each.key for each in bucket.objects.all()} == {image.file.name, rendition.file.name}
    assert rendition.url == f"/media/{rendition.file.name}"
    answer = client.get(rendition.url)
    assert answer.status_code == 200
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/webp", "public, max-age=86400")
    assert Picture.open(BytesIO(answer.getvalue())).size[0] == 100


PRIVATE = [
    "images/other.png",
    "../secret",
    "documents/contract.pdf",
    "documents%5Ccontract.pdf",
    "images/../documents/contract.pdf",
    "images%2F..%2Fdocuments%2Fcontract.pdf",
    "./documents/contract.pdf",
    "//documents/contract.pdf",
    "backups/jersey-20260314T030500Z/auth_user.tsv.gz",
    "original_images/poster.png",
    "images/" + "x" * 2000,
    "images/é.png",
    "images/%00.png",
    "images/a%0Ab.png",
]


@pytest.mark.parametrize("path", PRIVATE)
def test_nothing_else_is_served(bucket, client, path):
    """The bucket may hold anything: what is no rendition is not there, and never an error of the bucket's own."""
    for key in (
        "documents/contract.pdf",
        "backups/jersey-20260314T030500Z/auth_user.tsv.gz",
        "original_images/poster.png",
    ):
        bucket.put_object(Key=key, Body=b"private")
    answer = client.get(f"/media/{path}")
    assert (answer.status_code, b"private" in answer.getvalue()) == (404, False)


def test_a_document_of_the_bucket_is_read_where_its_collection_is_asked(bucket, client):
    document = Document.objects.create(title="Contract", file=SimpleUploadedFile("contract.pdf", b"the contract"))
    assert client.get(document.url).getvalue() == b"the contract"
    restriction = {"restriction_type": CollectionViewRestriction.LOGIN, "collection": document.collection}
    CollectionViewRestriction.objects.create(**restriction)
    answer = client.get(document.url)
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/_util/login/")
    assert default_storage.url(document.file.name).startswith("/media/documents/")
    assert client.get(f"/media/{document.file.name}").status_code == 404


def test_a_bucket_that_is_away_is_said_and_not_kept(bucket, client, settings, monkeypatch):
    options = settings.STORAGES["renditions"]["OPTIONS"] | {
        "endpoint_url": "http://127.0.0.1:9",
        "client_config": Config(retries={"max_attempts": 0}),
    }
    away = {"renditions": {"BACKEND": "common.files.buckets.PublicBucket", "OPTIONS": options}}
    settings.STORAGES = settings.STORAGES | away
    answer = client.get("/media/images/poster.png")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "public" not in answer.headers.get("Cache-Control", "")


def test_a_bucket_with_an_address_of_its_own_shows_pictures_itself(bucket, settings):
    settings.MEDIA_URL = "https://media.example.je/"
    assert storages["renditions"].url("images/ä b.png") == "https://media.example.je/images/%C3%A4%20b.png"
    assert default_storage.url("documents/contract.pdf") == "/media/documents/contract.pdf"


def test_a_backup_goes_to_a_bucket_and_comes_back(bucket, settings, monkeypatch):
    monkeypatch.setattr(create, "list_pending_migrations", list)
    few = [table for table in codec.list_tables(snapshot.LEFT_OUT) if table.name.startswith("ticketing_order")]
    monkeypatch.setattr(snapshot.Snapshot, "tables", lambda self: few)
    factories.make_order()
    kept = boto3.resource("s3", endpoint_url=settings.S3_ENDPOINT_URL, **BOTO).Bucket("backups")
    kept.create(CreateBucketConfiguration={"LocationConstraint": REGION})
    to = "s3://backups/nightly/site"
    names = [create.create_backup(to, keep=1)[0]]
    assert storage.open_storage(to).backups() == names
    with archive.fetch_archive(to) as found:
        assert drill.compare_with_database(found) == []
        assert len(found.manifest.media) == 1  # the poster of the event
    assert len(list(media.list_uploads(default_storage))) == 1
    kept.objects.filter(Prefix=f"nightly/site/{names[0]}/media").delete()
    with pytest.raises(BackupError, match="missing"), archive.fetch_archive(to):
        pass
    storage.open_storage(to).drop(names[0])
    assert storage.open_storage(to).folders() == {}
    kept.objects.all().delete()
    kept.delete()


def test_a_bucket_that_does_not_answer_is_said(bucket, settings, monkeypatch):
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"
    monkeypatch.setattr(storage, "RETRIES", {"max_attempts": 1})
    with pytest.raises(BackupError, match="s3://uploads/x cannot be read"), archive.fetch_archive("s3://uploads/x"):
        pass


def test_backup_command_lists_a_bucket(bucket, capsys):
    call_command("backup", to="s3://uploads/none", list=True)
    assert "There is no backup in s3://uploads/none." in capsys.readouterr().out
