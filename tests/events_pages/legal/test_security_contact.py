"""/.well-known/security.txt, as RFC 9116 has it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from events_pages.models import SiteSettings

pytestmark = pytest.mark.django_db

PATH = "/.well-known/security.txt"


@pytest.fixture(autouse=True)
def _nobody(settings, home):
    settings.SECURITY_CONTACT, settings.ALERTS_EMAIL = "", []


def fields(client):
    response = client.get(PATH)
    assert response.status_code == 200
    return dict(line.split(": ", 1) for line in response.text.splitlines())


def test_it_says_whom_to_tell(client, settings):
    settings.SECURITY_CONTACT = "mailto:security@operahouse.je"
    response = client.get(PATH)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "max-age=3600"
    assert response.text.startswith("Contact: mailto:security@operahouse.je\nExpires: ")
    assert response.text.endswith(f"Preferred-Languages: en\nCanonical: {settings.SITE_URL}{PATH}\n")


@pytest.mark.parametrize("now", ["2027-01-01 00:00", "2027-06-30 23:59", "2028-02-29 12:00", "2027-12-31 23:59"])
def test_it_is_good_for_months_and_less_than_a_year(client, settings, time_machine, now):
    settings.SECURITY_CONTACT = "https://operahouse.je/holes"
    time_machine.move_to(datetime.fromisoformat(f"{now}+00:00"), tick=False)
    left = datetime.fromisoformat(fields(client)["Expires"]) - timezone.now()
    assert timedelta(days=90) < left < timedelta(days=365)


def test_without_a_setting_the_contact_of_the_site_answers_then_who_hears_of_trouble(
    client, settings, home, django_capture_on_commit_callbacks
):
    settings.ALERTS_EMAIL = ["Box office <box@operahouse.je>", "second@operahouse.je"]
    assert fields(client)["Contact"] == "mailto:box@operahouse.je"
    with django_capture_on_commit_callbacks(execute=True):
        own = SiteSettings.for_site(home.get_site())
        own.contact_email = "hello+site@operahouse.je"
        own.save()
    assert fields(client)["Contact"] == "mailto:hello%2Bsite@operahouse.je"


def test_where_nobody_is_named_it_does_not_exist(client):
    assert client.get(PATH).status_code == 404


def test_it_is_kept_like_a_page(client, settings, django_assert_num_queries):
    settings.SECURITY_CONTACT = "https://operahouse.je/holes"
    client.get(PATH)
    with django_assert_num_queries(0):
        assert client.get(PATH).status_code == 200


def test_it_takes_no_form(client):
    assert client.post(PATH).status_code == 405
