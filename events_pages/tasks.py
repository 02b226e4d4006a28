from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task


@db_task()
def forget_pages():
    from events_pages import page_cache  # noqa: PLC0415 - tasks are a leaf

    page_cache.purge()


@db_task()
def make_renditions(page_id):
    from events_pages.models import EventPage  # noqa: PLC0415 - tasks are a leaf

    page = EventPage.objects.filter(pk=page_id).select_related("poster").first()
    if page:
        page.make_renditions()


@db_periodic_task(crontab(minute="*"))
def publish_what_is_due():
    from events_pages import publishing  # noqa: PLC0415 - tasks are a leaf

    publishing.publish_due()


@db_task()
def make_renditions_of(image_id):
    """After another file or focal point: of every poster that shows it."""
    from events_pages.models import EventPage  # noqa: PLC0415 - tasks are a leaf

    page = EventPage.objects.live().filter(poster=image_id).select_related("poster").first()
    if page:
        page.make_renditions()
