"""Ana and Ben both organise. Each changes what is theirs, and reads and chooses what is everybody's."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from wagtail.models import GroupPagePermission

from events_pages.enums import Parish
from events_pages.models import Organiser, Venue
from tests.factories import make_event

pytestmark = pytest.mark.django_db
CODENAMES = [f"{verb}_{model}" for model in ("venue", "organiser") for verb in ("add", "change", "delete", "view")]
CHANGING = ("edit", "copy", "delete", "usage", "history", "history_results")


def make_person(name, *pages):
    group = Group.objects.create(name=name)
    group.permissions.set(Permission.objects.filter(codename__in=[*CODENAMES, "access_admin"]))
    change = Permission.objects.get(codename="change_page")
    for page in pages:
        GroupPagePermission.objects.create(group=group, page=page, permission=change)
    user = User.objects.create_user(name)
    user.groups.add(group)
    return user


def address(view, row=None, model=Organiser):
    row_ids = [row.pk] if row else []
    model = type(row) if row else model
    return reverse(f"wagtailsnippets_events_pages_{model._meta.model_name}:{view}", args=row_ids)


def make_players(**fields):
    fields = {"name": "Ben’s Players", "email": "ben@example.je", "gst_number": "GST-7"} | fields
    return Organiser.objects.create(**fields, gst_from="2026-01-01")


def make_hall(**fields):
    return Venue.objects.create(name="Ben’s Hall", parish=Parish.TRINITY, **fields)


def form_of(row):
    shared = {"name": "Ana’s now", "description": "", "email": "ana@example.je", "website": "", "address": ""}
    hall = {"parish": "trinity", "postcode": "", "map_url": "", "access_notes": ""}
    company = {"gst_number": "", "gst_from": "", "gst_until": "", "data_protection_number": ""}
    return shared | (hall if isinstance(row, Venue) else company)


@pytest.fixture
def ben():
    return make_person("ben")


@pytest.fixture
def ana(client):
    user = make_person("ana")
    client.force_login(user)
    return user


@pytest.fixture(params=[make_players, make_hall])
def of_ben(request, ben):
    return request.param(made_by=ben)


def is_refused(response):
    return response.status_code == 302 and response.url == "/admin/"


@pytest.mark.parametrize("view", CHANGING)
def test_anothers_is_not_opened(client, ana, of_ben, view):
    assert is_refused(client.get(address(view, of_ben)))


@pytest.mark.parametrize("view", ["edit", "delete"])
def test_anothers_is_not_changed(client, ana, of_ben, view):
    assert is_refused(client.post(address(view, of_ben), form_of(of_ben)))
    assert type(of_ben).objects.get(pk=of_ben.pk).name == of_ben.name


def test_anothers_is_not_deleted_among_many(client, ana, of_ben):
    own = make_players(name="Ana’s Players", made_by=ana) if isinstance(of_ben, Organiser) else make_hall(made_by=ana)
    name = type(of_ben)._meta.model_name
    path = reverse("wagtail_bulk_action", args=["events_pages", name, "delete"])
    client.post(f"{path}?id={of_ben.pk}&id={own.pk}")
    assert list(type(of_ben).objects.exclude(made_by=None)) == [of_ben]


def test_the_list_names_all_and_offers_to_change_ones_own(client, ana, of_ben):
    text = client.get(address("list", model=type(of_ben))).text
    assert of_ben.name in text
    assert address("edit", of_ben) not in text
    assert address("inspect", of_ben) in text


def test_anothers_is_read_and_chosen(client, ana, of_ben):
    assert of_ben.name in client.get(address("inspect", of_ben)).text
    chosen = reverse(f"wagtailsnippetchoosers_{of_ben._meta.label_lower.replace('.', '_')}:chosen", args=[of_ben.pk])
    assert client.get(chosen).json()["result"]["edit_url"] is None


def test_reading_anothers_shows_no_address_and_no_number(client, ana, ben):
    players = make_players(made_by=ben)
    for view, row in (("inspect", players), ("list", None)):
        text = client.get(address(view, row)).text
        assert players.email not in text
        assert players.gst_number not in text


def test_ones_own_shows_everything(client, ben):
    players = make_players(made_by=ben)
    client.force_login(ben)
    assert players.gst_number in client.get(address("inspect", players)).text


def test_who_makes_one_may_change_it(client, ana):
    client.post(address("add"), form_of(Organiser()))
    made = Organiser.objects.get(made_by=ana)
    client.post(address("edit", made), form_of(made) | {"name": "Ana’s Players"})
    assert Organiser.objects.get(made_by=ana).name == "Ana’s Players"


def test_nobody_hands_theirs_to_another_by_a_form(client, ana, ben):
    client.post(address("add"), form_of(Organiser()) | {"made_by": ben.pk})
    assert Organiser.objects.latest("pk").made_by == ana


def test_administrators_change_all_and_say_whose_it_is(admin_client, ana, ben):
    players = make_players(made_by=ben)
    admin_client.post(address("edit", players), form_of(players) | {"made_by": ana.pk})
    assert Organiser.objects.get(pk=players.pk).made_by == ana


def test_one_without_a_maker_is_of_those_who_edit_every_page_that_uses_it(client):
    players = make_players()
    pages = [make_event(organiser=players), make_event(organiser=players)]
    client.force_login(make_person("both", *pages))
    assert client.get(address("edit", players)).status_code == 200
    client.force_login(make_person("one", pages[0]))
    assert is_refused(client.get(address("edit", players)))


def test_one_without_a_maker_that_nobody_uses_is_of_administrators(client, ana, admin_user):
    players = make_players()
    assert is_refused(client.get(address("edit", players)))
    client.force_login(admin_user)
    assert client.get(address("edit", players)).status_code == 200


def test_using_anothers_on_a_page_of_ones_own_does_not_take_it_over(client, ben):
    players = make_players(made_by=ben)
    client.force_login(make_person("taker", make_event(organiser=players)))
    assert is_refused(client.get(address("edit", players)))
