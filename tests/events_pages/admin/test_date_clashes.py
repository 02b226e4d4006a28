"""“What else is on?”: a page of its own, a part of the form of an event, and who may ask."""

import pytest
from django.urls import reverse

from events_pages.models import EventCategory
from tests.events_pages.admin.test_ownership import is_refused, make_person
from tests.events_pages.dates.performances import at
from tests.factories import make_event, make_index, make_venue

pytestmark = pytest.mark.django_db
ADDRESS = "date_clashes"
SATURDAY = "3 July 2027 19:30"


@pytest.fixture
def organiser(client):
    """She may edit her own page, and nobody else's."""
    user = make_person("ana", make_event("Hers", starts_at=at("2027-07-03 19:30")))
    client.force_login(user)
    return user


def ask(client, *, is_script=True, **asked):
    asked = {"starts_at": SATURDAY, "venue": make_venue().pk} | asked
    headers = {"X-Requested-With": "XMLHttpRequest"} if is_script else {}
    return client.get(reverse(ADDRESS), asked, headers=headers)


def test_it_names_what_is_on_with_its_address(client, organiser):
    ballet = make_event("Ballet", starts_at=at("2027-07-03 20:00"))
    text = ask(client).content.decode()
    assert "At the same venue, at the same time" in text
    assert f'href="{ballet.url}"' in text
    assert "20:00" in text
    assert "<html" not in text


def test_without_a_script_it_is_a_page_with_its_own_form(client, organiser):
    make_event("Ballet", starts_at=at("2027-07-03 20:00"))
    text = ask(client, is_script=False).content.decode()
    assert "<html" in text
    assert "Ballet" in text
    assert f'value="{SATURDAY}"' in text
    empty = client.get(reverse(ADDRESS)).content.decode()
    assert "Ballet" not in empty
    assert "This field is required" not in empty


def test_of_a_kind_without_a_venue(client, organiser):
    music = EventCategory.objects.create(name="Music", slug="music")
    gig = make_event("Ballet", starts_at=at("2027-07-03 20:00"))
    gig.categories.set([music])
    gig.save()
    assert "Ballet" in ask(client, venue="", categories=[music.pk]).content.decode()
    assert "Choose a venue or a category" in ask(client, venue="").content.decode()


def test_the_page_itself_is_no_clash(client, organiser):
    ballet = make_event("Ballet", starts_at=at("2027-07-03 20:00"))
    text = ask(client, page=ballet.pk).content.decode()
    assert "Ballet" not in text
    assert "Hers" in text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"starts_at": "Saturday"}, "This cannot be read as a date and a time."),
        ({"starts_at": "31/02/2027 19:30"}, "February 2027 has 28 days."),
        ({"starts_at": ""}, "This field is required."),
        ({"ends_at": "3 July 2027 18:00"}, "The end must come after the start."),
        ({"venue": "999999"}, "That choice is not one of the available choices."),
        ({"page": "x"}, "Enter a whole number."),
    ],
)
def test_what_cannot_be_read_is_said_in_words(client, organiser, asked, words):
    response = ask(client, **asked)
    assert (response.status_code, words in response.content.decode()) == (200, True), response.content.decode()


def test_who_edits_no_event_is_not_answered(client):
    client.force_login(make_person("ben"))
    assert is_refused(ask(client, is_script=False))
    client.logout()
    assert ask(client).status_code == 403


def test_the_form_of_a_new_event_asks_it(admin_client):
    index = make_index()
    text = admin_client.get(
        reverse("wagtailadmin_pages:add", args=["events_pages", "eventpage", index.pk])
    ).content.decode()
    assert f'data-date-clashes="{reverse(ADDRESS)}"' in text
    assert "js/admin/date_clashes.js" in text


def test_a_published_event_has_its_dates_elsewhere(admin_client):
    page = make_event("Ballet")
    page.save_revision().publish()
    text = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "data-date-clashes" not in text


def test_it_costs_the_same_with_one_event_and_with_three(client, organiser, django_assert_max_num_queries):
    ask(client)
    counts = []
    for _round in range(2):
        make_event("Ballet", starts_at=at("2027-07-03 20:00"))
        with django_assert_max_num_queries(40) as asked:
            ask(client)
        counts.append(len(asked))
        make_event("Ballet", starts_at=at("2027-07-03 20:00"))
    assert counts[0] == counts[1]
