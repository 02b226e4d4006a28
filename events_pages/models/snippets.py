from django.db import models
from django.utils.translation import gettext_lazy as _

from events_pages.enums import Parish


class Venue(models.Model):
    name = models.CharField(_("name"), max_length=120)
    parish = models.CharField(_("parish"), max_length=20, choices=Parish)

    def __str__(self):
        return self.name


class Organiser(models.Model):
    name = models.CharField(_("name"), max_length=120)

    def __str__(self):
        return self.name


class EventCategory(models.Model):
    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(unique=True)

    def __str__(self):
        return self.name
