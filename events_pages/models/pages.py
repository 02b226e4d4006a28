from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.models import Page

from events_pages.enums import EventStatus, LegalKind


class HomePage(Page):
    pass


class EventIndexPage(Page):
    pass


class EventPage(Page):
    summary = models.CharField(_("summary"), max_length=140)
    poster = models.ForeignKey("wagtailimages.Image", models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    doors_at = models.DateTimeField(_("doors open"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=EventStatus, default=EventStatus.SCHEDULED)
    venue = models.ForeignKey("events_pages.Venue", models.PROTECT, null=True, related_name="events")
    organiser = models.ForeignKey("events_pages.Organiser", models.PROTECT, null=True, related_name="events")
    categories = ParentalManyToManyField("events_pages.EventCategory", blank=True, related_name="events")


class StandardPage(Page):
    pass


class LegalPage(Page):
    kind = models.CharField(_("kind"), max_length=10, choices=LegalKind)
    version = models.CharField(_("version"), max_length=40)
