"""Pictures as people have them: each way in, each place where they are seen, and what a broken one costs."""

import json
import logging
import re
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Picture
from wagtail.images.models import Image
from wagtail.models import Site, UploadedFile

from events_pages import tasks
from events_pages.models import FeaturedEvent, SiteSettings
from events_pages.public import renditions
from tests import factories
from tests.events_pages import pictures

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:Corrupt EXIF data")]
CORPUS = pictures.corpus()
SHOWN = re.compile(
    r'(?:<img[^>]*src="|og:image" content="http://testserver|"image": ?\["http://testserver)(/media/[^"]+)'
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def put_there(name="poster.png", data=None):
    """By a program, which asks no form."""
    return Image.objects.create(title=name, file=ImageFile(BytesIO(data or CORPUS["truth-is.jpg"][0]), name=name))


def upload(client, name, data):
    response = client.post(reverse("wagtailimages:add"), {"title": name, "file": SimpleUploadedFile(name, data)})
    assert response.status_code == 302, response.text
    return Image.objects.latest("pk")


def places(page, picture):
    """Each page on which a poster, and a picture of the text, is seen: home twice, list, event page with its head."""
    story = [
        {"type": "picture", "value": {"image": picture.pk}},
        {"type": "gallery", "value": [picture.pk]},
    ]
    page.poster, page.body = picture, json.dumps(story)
    page.save_revision().publish()
    return ["/", "/events/", page.get_url()]


def assert_seen(client, page, picture, dot):
    sizes = set()
    for address in places(page, picture):
        found = SHOWN.findall(client.get(address).text)
        assert found, address
        for shown in found:
            seen = Picture.open(BytesIO(client.get(shown).getvalue()))
            assert "width" not in shown or seen.size == pictures.SIZE, shown
            assert pictures.is_close(seen.convert("RGB").getpixel((seen.width * 3 // 4, seen.height // 2)), dot), shown
            assert not seen.getexif()
            sizes.add(shown.partition(".")[2])
    return sizes


def test_every_picture_is_kept_simple_and_seen_as_it_was_meant(admin_client, home):
    page = factories.make_event()
    FeaturedEvent.objects.create(page=home, event=page)
    for name, (data, _) in CORPUS.items():
        image = upload(admin_client, name, data)
        with image.file.open() as file:
            kept = file.read()
        assert pictures.LENT not in kept, name
        assert (
            Picture.MIME[Picture.open(BytesIO(kept)).format]
            == {".png": "image/png", ".jpg": "image/jpeg"}[Path(image.file.name).suffix]
        )
        assert (image.width, image.height) == pictures.SIZE, name
    for name in ("grey-16.png", "palette-clear.png", "photoshop.jpg", "turned.heic"):
        image = Image.objects.get(title=name)
        assert len(assert_seen(admin_client, page, image, CORPUS[name][1])) == 5, name


@pytest.mark.parametrize("name", ["grey-16.png", "photoshop.jpg", "turned.jpg"])
def test_what_a_program_puts_there_is_seen_as_it_was_meant(client, home, name):
    data, dot = CORPUS[name]
    assert_seen(client, factories.make_event(), put_there(name, data), dot)
    assert pictures.LENT not in b"".join(
        path.read_bytes() for path in Path(Image.objects.latest("pk").file.path).parents[1].glob("images/*")
    )


def test_a_large_photograph_is_kept_in_a_size_that_is_shown(admin_client, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000  # so it comes as a file
    data = pictures.written(Picture.new("RGB", (6000, 4000), "red"), "JPEG")
    image = upload(admin_client, "IMG_0042.JPG", data)
    assert (image.width, image.height) == (3000, 2000)
    with image.file.open() as file:
        assert Picture.open(file).size == (3000, 2000)


def of_several(client, name, data, title):
    file = SimpleUploadedFile(name, data)
    return client.post(reverse("wagtailimages:add_multiple"), {"title": title, "files[]": file}).json()


def test_every_way_in_keeps_the_same(admin_client):
    name, sent = "turned.heic", CORPUS["turned.heic"][0]
    kept = upload(admin_client, name, sent).file_hash

    assert of_several(admin_client, name, sent, "One of several")["success"]
    chosen = {
        "image-chooser-upload-title": "While choosing",
        "image-chooser-upload-file": SimpleUploadedFile(name, sent),
    }
    admin_client.post(reverse("wagtailimages_chooser:create"), chosen)
    other = put_there()
    in_its_place = {"title": "In the place of another", "file": SimpleUploadedFile(name, sent)}
    admin_client.post(reverse("wagtailimages:edit", args=[other.pk]), in_its_place)
    titles = ["One of several", "While choosing", "In the place of another"]
    found = Image.objects.filter(title__in=titles)
    assert {image.title: image.file_hash for image in found} == dict.fromkeys(titles, kept)
    assert {Path(image.file.name).suffix for image in found} == {".jpg"}


def test_what_is_set_aside_for_want_of_a_title_is_simple_too(admin_client):
    answer = of_several(admin_client, "turned.heic", CORPUS["turned.heic"][0], " ")
    aside = UploadedFile.objects.get(pk=answer["uploaded_file_id"])
    assert Picture.open(aside.file).format == "JPEG"
    prefix = f"uploaded-image-{aside.pk}"
    where = reverse("wagtailimages:create_multiple_from_uploaded_image", args=[aside.pk])
    assert admin_client.post(where, {f"{prefix}-title": "At last"}).json()["success"]
    assert Path(Image.objects.get(title="At last").file.name).suffix == ".jpg"


def test_one_of_several_is_refused_in_words(admin_client):
    answer = of_several(admin_client, "poster.png", CORPUS["grey-16.png"][0][:-30], "Cut off")
    assert (answer["success"], "damaged or not complete" in answer["error_message"]) == (False, True)


def lose(media, path):
    path.unlink()


def empty(media, path):
    path.write_bytes(b"")


def cut(media, path):
    path.write_bytes(path.read_bytes()[:-40])


def overwrite(media, path):
    path.write_bytes(b"rubbish" * 100)


def fill(media, path):
    """No folder for renditions can be made, as on a full or read-only disk."""
    (media / "images").write_bytes(b"")


@pytest.mark.parametrize("breaking", [lose, empty, cut, overwrite, fill])
def test_a_broken_picture_costs_itself_and_never_a_page(admin_client, home, media, caplog, breaking):
    page = factories.make_event("Sea Shanties")
    FeaturedEvent.objects.create(page=home, event=page)
    picture = put_there()
    pages = places(page, picture)
    breaking(media, Path(picture.file.path))
    caplog.set_level(logging.ERROR)

    for address in pages:
        answer = admin_client.get(address)
        assert answer.status_code == 200
        assert "Sea Shanties" in answer.text
        assert not SHOWN.findall(answer.text)
        assert "not-found" not in answer.text
    assert 'class="poster poster--none"' in answer.text
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert told[0].startswith(f"pictures.broken image={picture.pk} ")


def test_a_broken_picture_is_missing_in_the_admin_and_breaks_nothing(admin_client, home, media):
    page = factories.make_event(poster=put_there())
    empty(media, Path(page.poster.file.path))
    for address in (
        reverse("wagtailimages:index"),
        reverse("wagtailimages:edit", args=[page.poster.pk]),
        reverse("wagtailimages_chooser:choose"),
        reverse("wagtailimages_chooser:chosen", args=[page.poster.pk]),
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
    ):
        assert admin_client.get(address).status_code == 200, address


def test_the_picture_of_the_site_is_shared_when_that_of_a_page_is_broken(client, home, media):
    page, broken, other = factories.make_event(), put_there(), put_there("other.png")
    SiteSettings.objects.update_or_create(site=Site.objects.get(), defaults={"sharing_image": other})
    page.poster = broken
    page.save()
    lose(media, Path(broken.file.path))
    assert (
        f'og:image" content="http://testserver{other.get_rendition(renditions.SHARING).url}"'
        in client.get(page.get_url()).text
    )


def test_what_could_not_be_made_is_left_alone_for_a_while(media, settings):
    picture = put_there()
    path = Path(picture.file.path)
    whole = path.read_bytes()
    empty(media, path)
    assert renditions.find_rendition(picture, renditions.CARD) is None
    path.write_bytes(whole)
    assert renditions.find_rendition(picture, renditions.CARD) is None
    renditions.cache.clear()
    assert renditions.find_rendition(picture, renditions.CARD).width


def test_another_file_is_drawn_before_the_first_visitor(admin_client, home):
    picture = put_there()
    factories.make_event(poster=picture)
    other = {"title": "Another", "file": SimpleUploadedFile("other.png", pictures.palette())}
    admin_client.post(reverse("wagtailimages:edit", args=[picture.pk]), other)
    assert not picture.renditions.exists()
    tasks.make_renditions_of.call_local(picture.pk)
    assert {made.filter_spec for made in picture.renditions.all()} == set(renditions.POSTER_SIZES)


def test_all_that_a_page_shows_is_drawn_when_it_is_published(home):
    picture = put_there()
    page = factories.make_event()
    places(page, picture)
    tasks.make_renditions.call_local(page.pk)
    sizes = {*renditions.POSTER_SIZES, renditions.STORY, renditions.GALLERY}
    assert {made.filter_spec for made in picture.renditions.all()} == sizes


def send_portrait(client, name, data):
    fields = {"name_email-first_name": "Ana", "name_email-last_name": "Le Sueur", "name_email-email": "ana@example.je"}
    fields |= {"theme-theme": "system", "theme-density": "default", "theme-contrast": "system"}
    fields |= {"theme-keyboard_shortcuts": "on", "avatar-avatar": SimpleUploadedFile(name, data)}
    return client.post(reverse("wagtailadmin_account"), fields)


def test_a_portrait_is_taken_or_refused_like_any_picture(admin_client, admin_user):
    noise = pictures.written(Picture.effect_noise((500, 500), 50), "PNG")
    assert "damaged or not complete" in send_portrait(admin_client, "ana.png", noise[:-3000]).text
    assert send_portrait(admin_client, "ana.heic", CORPUS["turned.heic"][0]).status_code == 302
    admin_user.wagtail_userprofile.refresh_from_db()
    assert Path(admin_user.wagtail_userprofile.avatar.name).suffix == ".jpg"
