"""Receivers that keep pages true and quick after an edit: forget kept pages, make posters' sizes, fold words.

They serve the cache only. Nothing breaks when a signal is missed: a kept page lives for a minute at most.
"""

from functools import partial

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_unpublished, post_page_move

from common.queue import wake
from events_pages.models import (
    EventCategory,
    EventPage,
    FeaturedEvent,
    Organiser,
    Performance,
    SiteSettings,
    Venue,
)
from events_pages.public import content_version
from protection.models import Maintenance
from protection.visitors import maintenance

FOUND_BY = {Venue: "venue", Organiser: "organiser", EventCategory: "categories"}
SEEN_ON_PAGES = (
    *(EventCategory, FeaturedEvent, Organiser, PageViewRestriction, Performance, Site, SiteSettings, Venue),
    *(get_document_model(), get_image_model()),
)


def purge_for_saved_page(sender, instance, **kwargs):
    """Of a live page Wagtail saves the columns of a draft alone, so typing purges nothing."""
    if issubclass(sender, Page) and instance.live and not kwargs.get("update_fields"):
        content_version.purge_after_commit()


def purge_for_deleted_page(sender, **kwargs):
    if issubclass(sender, Page):
        content_version.purge_after_commit()


def purge_pages_twice(**kwargs):
    """Other processes learn of a maintenance some seconds later; what they draw until then is forgotten too."""
    content_version.purge_after_commit()
    transaction.on_commit(partial(wake, "events_pages.tasks.forget_pages", delay=maintenance.KEPT + 1))


def fold_pages_later(sender, instance, created, **kwargs):
    if not created:
        transaction.on_commit(partial(wake, "events_pages.tasks.fold_pages_of", **{FOUND_BY[sender]: instance.pk}))


def fold_page_of_date_later(sender, instance, **kwargs):
    transaction.on_commit(partial(wake, "events_pages.tasks.fold_pages_of", pk=instance.page_id))


def make_renditions_later(sender, instance, **kwargs):
    if isinstance(instance, EventPage):
        transaction.on_commit(partial(wake, "events_pages.tasks.make_renditions", instance.pk))


def remake_renditions_later(sender, instance, created, **kwargs):
    """Some seconds later: Wagtail deletes the old ones after it has saved the picture."""
    if not created:
        transaction.on_commit(partial(wake, "events_pages.tasks.make_renditions_of", instance.pk, delay=5))


def connect_receivers():
    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(content_version.purge_after_commit, dispatch_uid="purge_pages_that_moved")
    post_save.connect(purge_for_saved_page, dispatch_uid="forget_saved_page")
    post_delete.connect(purge_for_deleted_page, dispatch_uid="forget_deleted_page")
    content_version.purge_when_saved(*SEEN_ON_PAGES)
    # Wagtail takes the old sizes away after the picture was saved: what was drawn between names files that are gone.
    post_delete.connect(content_version.purge_after_commit, sender=get_image_model().get_rendition_model())
    for model in FOUND_BY:
        post_save.connect(fold_pages_later, sender=model, dispatch_uid=f"fold_pages_of_{model.__name__}")
    for signal in (post_save, post_delete):
        signal.connect(fold_page_of_date_later, sender=Performance, dispatch_uid="fold_page_of_date")
    post_save.connect(purge_pages_twice, sender=Maintenance, dispatch_uid="forget_pages_maintenance")
    for through in (PageViewRestriction.groups.through, EventPage.categories.through):
        uid = f"purge_of_{through.__name__}"
        m2m_changed.connect(content_version.purge_after_commit, sender=through, dispatch_uid=uid)
    page_published.connect(make_renditions_later, dispatch_uid="make_renditions")
    post_save.connect(remake_renditions_later, sender=get_image_model(), dispatch_uid="make_renditions_of")
