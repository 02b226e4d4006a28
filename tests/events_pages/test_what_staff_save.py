"""What staff save is what visitors see, at once: every row that any public page reads, found by watching them read."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Picture
from wagtail.documents import get_document_model
from wagtail.models import Page, PageViewRestriction

from events_pages.enums import LegalKind
from events_pages.models import EventCategory, FeaturedEvent, Organiser, SiteSettings, StandardPage
from payments.domain.merchants import connection_checks, status
from payments.enums import MerchantKind, MerchantStatus
from payments.models import MerchantAccount
from protection.visitors import maintenance
from tests import factories
from ticketing.models import EventSale, TicketType

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 3, 1, 12, 0, 10, tzinfo=UTC)
TABLE = re.compile(r'(?:FROM|JOIN) "(\w+)"')
QUERIES = ("/sitemap.xml", "/robots.txt", "/.well-known/security.txt", "/events/archive/", "/events/?month=2027-03")
NOT_EDITED = {
    "contenttypes.ContentType": "the code's own",
    "wagtailcore.Locale": "there is one language, and nobody edits it",
    "wagtailimages.Rendition": "drawn with the page, and anew when its picture is saved",
}


@pytest.fixture(autouse=True)
def _memory_cache(settings, time_machine):
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "saved"}
    settings.CACHES = settings.CACHES | {"default": memory}
    caches["default"].clear()
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def ticket_type(home):
    """A world with everything on its pages that staff can put there."""
    merchant = factories.make_merchant("MDEMO002", kind=MerchantKind.OAUTH)
    page = factories.make_event("Sea Shanties", starts_at=timezone.now() + timedelta(days=9))
    page.categories.add(EventCategory.objects.create(name="Songs of the sea", slug="songs"))
    page.save()
    sale = factories.make_sale(page, merchant=merchant, name="Matinee")
    found = factories.make_type(sale, name="Grown-up")
    factories.make_type(factories.make_sale(page, name="Evening"), name="Sailor")
    Organiser.objects.update(data_protection_number="4711")
    document = get_document_model().objects.create(title="Programme of the evening", file="documents/programme.txt")
    link = f'<p><a linktype="document" id="{document.pk}">Programme</a> <a linktype="page" id="{page.pk}">Come</a></p>'
    pictures = [("picture", {"image": factories.make_poster(), "caption": "A sheet"})]
    body = [("text", link), *pictures, ("ticket_offer", {"sale": sale})]
    home.refresh_from_db()
    home.body, home.featured_events = body, [FeaturedEvent(event=page)]
    home.save()
    home.add_child(instance=StandardPage(title="About us", slug="about", body=body, show_in_menus=True))
    own = SiteSettings.for_site(home.get_site())
    own.footer_text, own.sharing_image = "From a barn.", factories.make_poster()
    own.save()
    for kind in LegalKind:
        factories.make_legal_page(kind)
    members = home.add_child(instance=StandardPage(title="Members", slug="members"))
    PageViewRestriction.objects.create(page=members, restriction_type=PageViewRestriction.LOGIN)
    maintenance.begin_maintenance("Back at one.")
    maintenance.end_maintenance()
    maintenance.forget_sentence()
    return found


@pytest.fixture
def save(django_capture_on_commit_callbacks):
    """As staff do, with what happens after the commit."""

    def saving(row):
        with django_capture_on_commit_callbacks(execute=True):
            row.save_revision().publish() if isinstance(row, Page) else row.save()

    return saving


def public_paths():
    return [page.get_url() for page in Page.objects.live().public().filter(depth__gt=1)] + list(QUERIES)


def models_read(client):
    """{model: a path whose page reads it}"""
    by_table = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    found = {}
    for path in public_paths():
        caches["default"].clear()
        maintenance.forget_sentence()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200, path
        for table in {name for query in captured for name in TABLE.findall(query["sql"])}:
            model = by_table[table]
            found.setdefault(model._meta.auto_created or model, path)
    return found


def row_of(model, path):
    row = model.objects.order_by("pk").first()
    assert row, f"The world of this test has no {model._meta.label}, which {path} reads: make one."
    return row


def shown_text(row, page):
    """The name of a text of the row that stands on the page."""
    for field in row._meta.concrete_fields:
        is_free = isinstance(field, models.CharField | models.TextField) and not field.choices
        value = getattr(row, field.attname)
        if is_free and isinstance(value, str) and len(value) > 3 and f">{value}<" in page:
            return field.attname
    return None


def count_queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        text = client.get(path).content.decode()
    return len(captured), text


def test_each_row_that_a_public_page_reads_is_shown_as_soon_as_it_is_saved(client, ticket_type, save):
    """A page is a page of some kind: the row that they share is saved with each of them."""
    found = models_read(client)
    assert {EventSale, TicketType, MerchantAccount} <= set(found)
    changed = []
    for model, path in found.items():
        if model is Page or model._meta.label in NOT_EDITED:
            continue
        row = row_of(model, path)
        client.get(path)
        kept, text = count_queries(client, path)
        assert kept == 0, f"{path} is not kept"
        if field := shown_text(row, text):
            setattr(row, field, said := f"Seen {len(changed)}")
            changed.append(model)
        save(row)
        asked, text = count_queries(client, path)
        assert asked, f"{path} was not asked afresh when {model._meta.label} was saved"
        assert not field or said in text, model._meta.label
    assert {TicketType, EventCategory, Organiser, SiteSettings} <= set(changed)


def set_price(ticket_type):
    ticket_type.price = Decimal("9.00")
    ticket_type.save()


def stop(ticket_type):
    ticket_type.sale.is_active = False
    ticket_type.sale.save()


def sell(ticket_type):
    ticket_type.sale.is_active = True
    ticket_type.sale.save()


def delete_sale(ticket_type):
    TicketType.objects.filter(sale=ticket_type.sale).delete()
    ticket_type.sale.delete()


def break_link(ticket_type):
    status.mark_broken(ticket_type.sale.merchant, "No key opens it.")


def mend_link(ticket_type):
    status.mark_connected(ticket_type.sale.merchant)


def cut_link(ticket_type):
    connection_checks.disconnect_merchant(ticket_type.sale.merchant, by=None)


def pay_another(ticket_type):
    ticket_type.sale.merchant = factories.make_merchant("MDEMO003", status=MerchantStatus.BROKEN)
    ticket_type.sale.save()


def pause(ticket_type):
    maintenance.begin_maintenance("Back at two.")


def go_on(ticket_type):
    maintenance.end_maintenance()


ACTS = [  # and what the page shows then, and no more
    (set_price, "From £9", "From £12"),
    (stop, "Ticket sales are stopped.", ""),
    (sell, "From £9", "Ticket sales are stopped."),
    (break_link, "renew their link to SumUp", ""),
    (mend_link, "From £9", "renew their link to SumUp"),
    (cut_link, "takes no card payments at the moment", "From £9"),
    (pay_another, "renew their link to SumUp", "takes no card payments"),
    (pause, "Back at two.", "Hold these tickets"),
    (go_on, "Hold these tickets", "Back at two."),
    (delete_sale, "Sailor", "Grown-up"),
]


def test_what_is_done_to_a_sale_is_on_its_page_at_once(client, ticket_type, django_capture_on_commit_callbacks):
    path = ticket_type.sale.page.get_url()
    for act, shown, gone in ACTS:
        client.get(path)
        with django_capture_on_commit_callbacks(execute=True):
            act(ticket_type)
        text = client.get(path).text
        assert shown in text, act.__name__
        assert not gone or gone not in text, act.__name__


def replace_picture(poster):
    """In the admin."""
    staff, data = Client(), BytesIO()
    staff.force_login(User.objects.create_superuser("marie", "", ""))
    Picture.new("RGB", (400, 500), "#803020").save(data, "PNG")
    file = SimpleUploadedFile("another.png", data.getvalue(), "image/png")
    answer = staff.post(reverse("wagtailimages:edit", args=[poster.pk]), {"title": poster.title, "file": file})
    assert answer.status_code == 302, answer.context["form"].errors


def test_another_picture_and_another_address_are_shown_at_once(
    client, ticket_type, save, django_capture_on_commit_callbacks
):
    page = ticket_type.sale.page
    before, poster = page.get_url(), page.poster
    first = pictures_on(client.get(before))
    with django_capture_on_commit_callbacks(execute=True):
        replace_picture(poster)
    assert not first & pictures_on(client.get(before))

    page.slug = "sea-songs"
    save(page)
    assert "Sea Shanties" in client.get("/events/sea-songs/").text
    assert client.get(before).headers["Location"] == "/events/sea-songs/"
    assert 'href="/events/sea-songs/"' in client.get("/").text


def pictures_on(response):
    return set(re.findall(r"/media/images/[\w.-]+", response.text))
