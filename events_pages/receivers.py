"""Keeps what visitors see and find true and quick after an edit: forgets kept pages, makes posters' sizes.

Signals serve the cache only. Nothing breaks when one is missed: a kept page lives for a minute at most.
"""

from functools import partial

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from wagtail.images import get_image_model
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import page_published, page_unpublished, post_page_move

from events_pages import page_cache, tasks
from events_pages.models import EventCategory, EventPage, Organiser, SiteSettings, Venue
from protection import maintenance
from protection.models import Maintenance

FOUND_BY = {Venue: "venue", Organiser: "organiser", EventCategory: "categories"}
SEEN_ON_PAGES = (EventCategory, Organiser, PageViewRestriction, Site, SiteSettings, Venue, get_image_model())


def forget_pages(**kwargs):
    transaction.on_commit(page_cache.purge)


def forget_pages_of(sender, **kwargs):
    if issubclass(sender, Page):
        forget_pages()


def forget_pages_twice(**kwargs):
    """Other processes learn of a maintenance some seconds later; what they draw until then is forgotten too."""
    forget_pages()
    transaction.on_commit(partial(tasks.forget_pages.schedule, delay=maintenance.KEPT + 1))


def fold_pages(sender, instance, created, **kwargs):
    if not created:
        transaction.on_commit(partial(tasks.fold_pages_of, **{FOUND_BY[sender]: instance.pk}))


def make_renditions(sender, instance, **kwargs):
    if isinstance(instance, EventPage):
        transaction.on_commit(partial(tasks.make_renditions, instance.pk))


def make_renditions_of(sender, instance, created, **kwargs):
    """A little later: Wagtail takes the old ones away after it has saved the picture."""
    if not created:
        transaction.on_commit(partial(tasks.make_renditions_of.schedule, (instance.pk,), delay=5))


def connect():
    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(forget_pages, dispatch_uid="forget_pages")
    post_delete.connect(forget_pages_of, dispatch_uid="forget_deleted_pages")
    for model in SEEN_ON_PAGES:
        post_save.connect(forget_pages, sender=model, dispatch_uid=f"forget_pages_{model.__name__}_saved")
        post_delete.connect(forget_pages, sender=model, dispatch_uid=f"forget_pages_{model.__name__}_deleted")
    for model in FOUND_BY:
        post_save.connect(fold_pages, sender=model, dispatch_uid=f"fold_pages_of_{model.__name__}")
    post_save.connect(forget_pages_twice, sender=Maintenance, dispatch_uid="forget_pages_maintenance")
    m2m_changed.connect(forget_pages, sender=PageViewRestriction.groups.through, dispatch_uid="forget_restricted")
    page_published.connect(make_renditions, dispatch_uid="make_renditions")
    post_save.connect(make_renditions_of, sender=get_image_model(), dispatch_uid="make_renditions_of")
