"""Entries in the history of sales."""

from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from ticketing.models import EventSale


def write_entry(sale, action, *, by, data=None):
    """Several sales may change in one request, and of entries that share a `uuid` Wagtail shows only the last."""
    log(sale, action, user=by, uuid=uuid4(), data=data)


def write_entries(told, action, *, by):
    """For each (sale, data), in one statement for all."""
    shared = {"content_type": ContentType.objects.get_for_model(EventSale), "timestamp": timezone.now()}
    ModelLogEntry.objects.bulk_create(
        ModelLogEntry(object_id=sale.pk, label=str(sale), action=action, user=by, uuid=uuid4(), data=data, **shared)
        for sale, data in told
    )
