"""Legal pages: starting texts that admit it, versions that stay, and the one in force always at the same address."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.test.utils.form_data import nested_form_data, rich_text

from events_pages.blocks import FORMATTING
from events_pages.enums import LegalKind
from events_pages.legal import sample_texts
from events_pages.models import LegalPage, Organiser, SiteSettings
from tests import factories

pytestmark = pytest.mark.django_db
OWN = "<p>Our own words.</p>"


def make(version="2026-01", *, body=OWN, kind=LegalKind.TERMS, days=0):
    page = factories.make_legal_page(kind, version)
    page.body, page.effective_from = body, timezone.localdate() + timedelta(days=days)
    LegalPage.objects.filter(pk=page.pk).update(body=body, effective_from=page.effective_from)
    page.refresh_from_db()
    page.save_revision().publish()
    page.refresh_from_db()
    return page


@pytest.fixture
def admin(client):
    client.force_login(User.objects.create_superuser("admin", "", "admin"))
    return client


def edit(admin, page, **values):
    form = {
        "title": page.title,
        "slug": page.slug,
        "kind": page.kind,
        "version": page.version,
        "effective_from": f"{page.effective_from:%Y-%m-%d}",
        "body": rich_text(page.body, features=FORMATTING),
        "action-publish": "yes",
    }
    return admin.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), nested_form_data(form | values), follow=True)


@pytest.mark.parametrize("kind", LegalKind)
def test_every_kind_has_a_starting_text_that_says_it_is_one(kind):
    page = LegalPage(kind=kind, body=sample_texts.sample_text(kind))
    assert sample_texts.list_blanks(page)[0].startswith("Starting text")
    assert sample_texts.is_sample_text(page)


@pytest.mark.parametrize("kind", LegalKind)
def test_the_editor_keeps_a_starting_text_as_it_is(kind):
    """Nothing in it is beyond the editor's features, so opening and saving it loses no word and no link."""
    converter = ContentstateConverter(FORMATTING)
    text = sample_texts.sample_text(kind)
    again = converter.to_database_format(converter.from_database_format(text))
    assert sample_texts.text_meaning(again) == sample_texts.text_meaning(text)


@pytest.mark.parametrize(
    ("body", "sample"),
    [
        ("", True),
        ("<p> </p>", True),
        (OWN, False),
        ("<p>Sold by [your name].</p>", True),
        ("<p>Sold by <b>[your</b> name].</p>", True),
    ],
)
def test_a_text_is_ones_own_once_no_blank_is_left(body, sample):
    assert sample_texts.is_sample_text(LegalPage(kind=LegalKind.TERMS, body=body)) is sample


def test_answers_are_text_and_nothing_else():
    text = sample_texts.sample_text(
        LegalKind.TERMS, {"postal address": "<script>1 Quay & Co</script>", "contact e-mail": ""}
    )
    assert "&lt;script&gt;1 Quay &amp; Co&lt;/script&gt;" in text
    assert "[contact e-mail]" in text


def test_missing_pages_are_made_as_drafts_and_what_is_there_stays(home, capsys):
    own = SiteSettings.for_site(home.get_site())
    own.contact_email = "hello@jerseyevents.example"
    own.save()
    terms = make()
    for _ in range(2):
        call_command("make_legal_pages")
    drafts = LegalPage.objects.exclude(pk=terms.pk)
    assert {page.kind for page in drafts} == set(LegalKind) - {LegalKind.TERMS}
    assert not drafts.filter(live=True).exists()
    assert all(sample_texts.is_sample_text(page) for page in drafts)
    assert "hello@jerseyevents.example" in drafts.get(kind=LegalKind.REFUNDS).body
    assert "Terms and conditions: there already." in capsys.readouterr().out
    terms.refresh_from_db()
    assert terms.body == OWN


def test_drafts_find_another_address_where_theirs_is_taken(home):
    make_standard = LegalPage(title="x", slug="privacy", kind=LegalKind.TERMS, version="1")
    home.add_child(instance=make_standard)
    call_command("make_legal_pages", verbosity=0)
    assert LegalPage.objects.get(kind=LegalKind.PRIVACY).slug != "privacy"


def test_without_a_home_page_there_is_nowhere_to_put_them(home):
    home.delete()
    with pytest.raises(CommandError, match="home page"):
        call_command("make_legal_pages")


def test_a_published_text_cannot_be_changed_under_its_name(admin):
    page = make()
    for change in ({"body": rich_text("<p>Other words.</p>")}, {"version": "2026-02"}, {"kind": LegalKind.PRIVACY}):
        answer = edit(admin, page, **change).content.decode()
        assert "Version 2026-01 was published" in answer
    page.refresh_from_db()
    assert (page.body, page.version) == (OWN, "2026-01")
    assert "Version 2026-01 was published" not in edit(admin, page, title="The terms").content.decode()
    page.refresh_from_db()
    assert page.title == "The terms"


def test_taking_it_down_does_not_free_it(admin):
    page = make()
    page.unpublish()
    assert "was published" in edit(admin, page, body=rich_text("<p>Other words.</p>")).content.decode()


def test_a_version_that_no_database_keeps_is_none(client):
    assert client.get("/legal/terms/%00/").status_code == 404


def test_a_draft_may_be_changed(admin, home):
    call_command("make_legal_pages", verbosity=0)
    draft = LegalPage.objects.get(kind=LegalKind.TERMS)
    edit(admin, draft, body=rich_text(OWN))
    draft.refresh_from_db()
    assert draft.live
    assert "Our own words." in draft.body


def test_publishing_with_blanks_is_said(admin, home):
    call_command("make_legal_pages", verbosity=0)
    answer = edit(admin, LegalPage.objects.get(kind=LegalKind.REFUNDS)).content.decode()
    assert "these blanks are not filled in: Starting text" in answer


def test_two_texts_cannot_share_a_version(home):
    make()
    with pytest.raises(ValidationError, match="Choose another name"):
        home.add_child(instance=LegalPage(title="Terms", slug="again", kind=LegalKind.TERMS, version="2026-01"))


def test_a_copy_becomes_the_next_version(admin):
    page = make()
    url = reverse("wagtailadmin_pages:copy", args=[page.pk])
    copy = {"new_title": "Terms", "new_slug": "terms-2", "new_parent_page": page.get_parent().pk, "alias": ""}
    refused = admin.post(url, copy | {"publish_copies": "on"}, follow=True)
    assert "Copy it as a draft" in refused.content.decode()
    assert LegalPage.objects.count() == 1
    admin.post(url, copy)
    draft = LegalPage.objects.get(slug="terms-2")
    edit(admin, draft, version="2026-02", body=rich_text("<p>Newer words.</p>"))
    assert LegalPage.current(LegalKind.TERMS).version == "2026-02"


def test_each_version_stays_readable_and_knows_the_others(client):
    old, new, coming = make("2025-01", days=-300), make("2026-01", days=-1), make("2027-01", days=30)
    for page, said in ((old, "This is an earlier version."), (coming, "This version is not in force yet.")):
        text = client.get(page.get_url()).content.decode()
        assert said in text
        assert f'href="{new.get_url()}">In force now: version 2026-01' in text
    text = client.get(new.get_url()).content.decode()
    assert "In force now" not in text
    assert f'href="{old.get_url()}">Version 2025-01' in text


def test_the_text_in_force_and_each_version_have_an_address_that_stays(client):
    old, new = make("2025/01 b", days=-300), make("2026-01")
    assert client.get("/legal/terms/").url == new.get_url()
    assert client.get(reverse("legal-version", args=["terms", "2025/01 b"])).url == old.get_url()
    for unknown in ("/legal/privacy/", "/legal/nonsense/", "/legal/terms/1999-01/"):
        assert client.get(unknown).status_code == 404


def test_which_text_was_in_force_on_a_day():
    today = timezone.localdate()
    old, new = make("2025-01", days=-300), make("2026-01", days=-1)
    assert LegalPage.in_force(LegalKind.TERMS, on=today - timedelta(days=2)) == old
    assert LegalPage.in_force(LegalKind.TERMS, on=today) == new
    assert LegalPage.in_force(LegalKind.TERMS, on=today - timedelta(days=301)) is None


def test_the_privacy_page_and_the_footer_name_who_is_registered(client, home):
    own = SiteSettings.for_site(home.get_site())
    own.data_protection_number, own.privacy_email, own.retention_days = "70001", "privacy@jerseyevents.example", 45
    own.save()
    event = factories.make_event()
    Organiser.objects.filter(pk=event.organiser.pk).update(data_protection_number="70002", gst_number="1234567")
    Organiser.objects.create(name="Nobody’s", data_protection_number="70003")
    text = client.get(make(kind=LegalKind.PRIVACY).get_url()).content.decode()
    for fact in ("70001", "70002", "privacy@jerseyevents.example", "45 days after the event"):
        assert fact in text
    assert "70003" not in text
    page = client.get(event.get_url()).content.decode()
    for fact in ("Data protection registration 70001", "Data protection registration 70002", "GST number 1234567"):
        assert fact in page
