"""Tasks of the worker. Each may run twice, at once or never."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from events_pages.admin import scheduled_publication
from events_pages.dates import places
from events_pages.models import EventPage
from events_pages.public import content_version
from events_pages.public.search_words import fold_pages


@db_task()
def forget_pages():
    content_version.purge_pages()


@db_task()
def make_renditions(page_id):
    page = EventPage.objects.filter(pk=page_id).select_related("poster").first()
    if page:
        page.make_renditions()


@db_periodic_task(crontab(minute="*"))
def publish_what_is_due():
    scheduled_publication.publish_and_expire_due()


@db_task()
def make_renditions_of(image_id):
    """After a new file or focal point: of every poster that shows it."""
    page = EventPage.objects.live().filter(poster=image_id).select_related("poster").first()
    if page:
        page.make_renditions()


@db_task()
def fold_pages_of(**what):
    """After a venue, an organiser or a category got another name, or dates came or moved."""
    fold_pages(EventPage.objects.filter(**what))


@db_periodic_task(crontab(minute="*"))
def fold_new_pages():
    """Pages that older code wrote while a release went out."""
    fold_pages(EventPage.objects.filter(search_words=""))


@db_periodic_task(crontab(minute="17"))
def place_dates():
    places.place_lately_edited_dates()


@db_periodic_task(crontab(hour="4", minute="25"))
def place_all_dates():
    places.place_all_dates()
