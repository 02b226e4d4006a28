"""A page names what its editor's choosers offer: nobody reads what is somebody else's by typing its number."""

import json

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from wagtail.documents.models import Document
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission
from wagtail.test.utils.form_data import streamfield

from tests.events_pages.admin.test_admin import form
from tests.factories import make_event, make_poster, make_sale

pytestmark = pytest.mark.django_db
SECRET = "Secret plans"


@pytest.fixture
def page():
    return make_event("Ana’s evening")


@pytest.fixture
def ana(client, page):
    """May edit her page, choose her own files and sell."""
    group = Group.objects.create(name="Ana’s")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", "change_eventsale"]))
    for verb in ("change", "publish"):
        permission = Permission.objects.get(codename=f"{verb}_page")
        GroupPagePermission.objects.create(group=group, page=page, permission=permission)
    own = make_collection("Ana’s")
    for permission in Permission.objects.filter(codename__in=["choose_image", "choose_document"]):
        GroupCollectionPermission.objects.create(group=group, collection=own, permission=permission)
    user = User.objects.create_user("ana")
    user.groups.add(group)
    client.force_login(user)
    return user


def make_collection(name):
    root = Collection.get_first_root_node()
    return root.get_children().filter(name=name).first() or root.add_child(name=name)


def linked(kind, row):
    """Rich text with a link, as the editor sends it."""
    entity = {"type": kind, "mutability": "MUTABLE", "data": {"id": row.pk}}
    block = {"key": "aaaaa", "text": "here", "type": "unstyled", "depth": 0, "inlineStyleRanges": []}
    block["entityRanges"] = [{"offset": 0, "length": 4, "key": 0}]
    return json.dumps({"blocks": [block], "entityMap": {"0": entity}})


def make_draft(title):
    return make_event(title, live=False)


def make_picture(title):
    picture = make_poster()
    picture.pk, picture.title, picture.collection = None, title, make_collection(title)
    picture.save()
    return picture


def make_document(title):
    return Document.objects.create(title=title, file="documents/plans.pdf", collection=make_collection(title))


def picture_block(row):
    return "picture", {"image": {"image": str(row.pk), "decorative": "on", "alt_text": ""}, "caption": ""}


def call_block(row):
    return "call_to_action", {"title": "x", "text": "", "label": "x", "page": str(row.pk), "address": ""}


NAMED = {
    "the sale of a draft": (lambda title: make_sale(make_draft(title)), lambda row: ("ticket_offer", {"sale": row.pk})),
    "a draft": (make_draft, call_block),
    "a draft in a text": (make_draft, lambda row: ("text", linked("LINK", row))),
    "a picture": (make_picture, picture_block),
    "a document": (make_document, lambda row: ("text", linked("DOCUMENT", row))),
}


def send(client, page, *blocks, **fields):
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), fields_of(page, *blocks, **fields))


def fields_of(page, *blocks, **fields):
    kept = {"title": page.title, "slug": page.slug, "poster": page.poster_id}
    kept |= {"venue": page.venue_id, "organiser": page.organiser_id, "body": streamfield(list(blocks))}
    return form(**kept | fields)


def draft_of(page):
    page.refresh_from_db()
    return page.get_latest_revision_as_object()


@pytest.mark.parametrize("what", NAMED)
def test_what_is_anothers_is_taken_from_nobody(client, ana, page, what):
    make, block = NAMED[what]
    row = make(SECRET)
    assert send(client, page, block(row)).url == "/admin/"
    edited = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).text
    assert SECRET not in edited
    assert getattr(row, "slug", SECRET) not in edited


@pytest.mark.parametrize("what", NAMED)
def test_nor_is_it_named_beside_the_errors_of_a_form(client, ana, page, what):
    make, block = NAMED[what]
    row = make(SECRET)
    answer = send(client, page, block(row), ("quote", {"text": "", "who": ""}), **{"action-publish": "1"})
    assert SECRET not in answer.text
    assert getattr(row, "slug", SECRET) not in answer.text


def test_nor_in_a_preview(client, ana, page):
    draft = make_draft(SECRET)
    path = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    client.post(path, fields_of(page, ("text", linked("LINK", draft))))
    assert draft.slug not in client.get(path).text


def test_anothers_picture_is_no_poster(client, ana, page):
    assert send(client, page, poster=make_picture(SECRET).pk).url == "/admin/"
    page.refresh_from_db()
    assert page.poster.title != SECRET


def test_a_number_that_is_none_is_refused(client, ana, page):
    entity = make_draft(SECRET)
    entity.pk = "1 OR 1=1"
    assert send(client, page, ("text", linked("LINK", entity))).url == "/admin/"


def test_ones_own_is_taken(client, ana, page):
    sale = make_sale(page)
    send(client, page, call_block(page), ("ticket_offer", {"sale": sale.pk}))
    assert "ticket_offer" in str(draft_of(page).body.raw_data)


def test_what_is_in_public_is_linked_to(client, ana, page):
    send(client, page, ("text", linked("LINK", make_event("Ben’s evening"))))
    assert "linktype" in str(draft_of(page).body.raw_data)


@pytest.mark.parametrize("what", NAMED)
def test_what_an_administrator_put_there_may_stay(client, ana, admin_user, page, what):
    make, block = NAMED[what]
    row = make("Shared plans")
    client.force_login(admin_user)
    send(client, page, block(row))
    client.force_login(ana)
    assert send(client, page, block(row), title="Ana’s later evening").url != "/admin/"
    assert draft_of(page).title == "Ana’s later evening"
