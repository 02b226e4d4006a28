"""What an editor said should go live, or go, at a time does so in that minute, on the page that visitors read."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from wagtail.models import PageLogEntry, Revision

from events_pages import tasks
from events_pages.admin import scheduled_publication
from events_pages.models import EventPage
from operations.worker import task_stats
from tests import factories
from tests.events_pages.admin.test_admin import add_url, form
from tests.payments.domain.verification.test_claims import at_once

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def pages_are_kept(settings):
    """As with Redis: the cache is not in the database."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages"}
    settings.CACHES = settings.CACHES | {"default": memory}
    caches["default"].clear()


@pytest.fixture
def a_minute_passes(clock, django_capture_on_commit_callbacks):
    def pass_one(to):
        clock.move_to(to, tick=False)
        with django_capture_on_commit_callbacks(execute=True):
            tasks.publish_what_is_due.call_local()

    return pass_one


@pytest.fixture
def editor(admin_client):
    return admin_client


def schedule_event(editor, index, **typed):
    response = editor.post(add_url(index), form(**typed | {"action-publish": "yes"}))
    assert response.status_code == 302, response.content.decode()[:3000]
    return EventPage.objects.get(slug=typed.get("slug", "sea-shanties"))


def go_live_at(page, moment):
    """As the editor's form leaves it."""
    page.go_live_at = moment
    page.save_revision().publish()


@pytest.mark.django_db
def test_it_works(editor, client, home, clock, pages_are_kept, a_minute_passes):
    index = factories.make_index()
    page = schedule_event(
        editor, index, starts_at="2 March 2027 7.30pm", go_live_at="1/3/2027 12.05pm", expire_at="1 Mar 2027 12:10"
    )
    client.logout()
    clock.move_to(NOON + 5 * MINUTE + timedelta(seconds=1), tick=False)
    assert "Sea Shanties" not in client.get("/events/").content.decode()
    assert client.get(page.get_url()).status_code == 404

    a_minute_passes(NOON + 5 * MINUTE + timedelta(seconds=2))  # within the minute in which the list was kept
    assert "Sea Shanties" in client.get("/events/").content.decode()
    assert client.get(page.get_url()).status_code == 200

    clock.move_to(NOON + 10 * MINUTE + timedelta(seconds=1), tick=False)
    assert "Sea Shanties" in client.get("/events/").content.decode()
    a_minute_passes(NOON + 10 * MINUTE + timedelta(seconds=2))
    assert "Sea Shanties" not in client.get("/events/").content.decode()
    assert client.get(page.get_url()).status_code == 404
    assert list(
        PageLogEntry.objects.filter(page=page.pk, action__contains="scheduled").values_list("action", flat=True)
    ) == [
        "wagtail.unpublish.scheduled",
        "wagtail.publish.scheduled",
    ]


@pytest.mark.django_db
def test_a_new_version_takes_the_place_of_the_old(client, home, pages_are_kept, a_minute_passes):
    page = factories.make_event("Sea Shanties")
    page.title = "Sea Shanties, now with dancing"
    go_live_at(page, NOON + MINUTE)
    a_minute_passes(NOON + MINUTE - timedelta(seconds=1))
    assert "dancing" not in client.get(page.get_url()).content.decode()
    a_minute_passes(NOON + MINUTE)
    assert "dancing" in client.get(page.get_url()).content.decode()


@pytest.mark.django_db
def test_a_page_that_cannot_be_published_stops_no_other(home, a_minute_passes, caplog):
    broken, whole = factories.make_event("Broken"), factories.make_event("Whole")
    for seconds, page in enumerate((broken, whole), 30):
        page.title += " and new"
        go_live_at(page, NOON + timedelta(seconds=seconds))
    Revision.objects.for_instance(broken).update(content={"pk": broken.pk, "venue": "no number"})
    with caplog.at_level(logging.INFO, logger="events_pages.admin.scheduled_publication"):
        a_minute_passes(NOON + MINUTE)
    assert EventPage.objects.filter(title="Whole and new").exists()
    assert [line.split()[0] for line in caplog.messages] == ["publishing.failed", "publishing.done"]
    assert (
        scheduled_publication.count_late_schedules(NOON + 5 * MINUTE)
        == scheduled_publication.count_open_schedules()
        == 1
    )


@pytest.mark.django_db
def test_what_missed_both_its_times_is_over(home, a_minute_passes):
    page = factories.make_event()
    page.unpublish()
    page.expire_at = NOON + 2 * MINUTE
    go_live_at(page, NOON + MINUTE)
    assert scheduled_publication.count_open_schedules() == 1
    a_minute_passes(NOON + 60 * MINUTE)
    page.refresh_from_db()
    assert (page.live, page.expired, scheduled_publication.count_open_schedules()) == (False, True, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_publishes(home, clock):
    page = factories.make_event()
    go_live_at(page, NOON + MINUTE)
    clock.move_to(NOON + MINUTE, tick=False)
    at_once(lambda _: scheduled_publication.publish_and_expire_due(), 4)
    assert PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish.scheduled").count() == 1
    page.expire_at = NOON + 2 * MINUTE
    page.save()
    clock.move_to(NOON + 2 * MINUTE, tick=False)
    at_once(lambda _: scheduled_publication.publish_and_expire_due(), 4)
    assert PageLogEntry.objects.filter(page=page.pk, action="wagtail.unpublish.scheduled").count() == 1


@pytest.mark.django_db
def test_the_site_says_what_missed_its_time(client, editor, home):
    page = factories.make_event()
    page.expire_at = NOON
    page.save()
    late = timezone.now() + scheduled_publication.LATE_AFTER + MINUTE
    assert scheduled_publication.count_late_schedules(late) == 1
    EventPage.objects.filter(pk=page.pk).update(expire_at=NOON - scheduled_publication.LATE_AFTER - MINUTE)
    assert client.get("/health/").json()["parts"]["publishing"] == "1 page missed its time"
    assert "Publish what is due" in editor.get(reverse("worker_tasks")).content.decode()


def test_the_worker_does_it_every_minute():
    name = "events_pages.tasks.publish_what_is_due"
    assert next(each.at for each in task_stats.list_upcoming_tasks(NOON) if each.name == name) == NOON + MINUTE
    assert any(task.name == "publish_what_is_due" for task in HUEY.read_periodic(NOON.replace(tzinfo=None)))
