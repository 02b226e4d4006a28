"""Entries of Wagtail's audit log, for whoever writes them with what they tell of."""

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.log_actions import get_active_log_context


def build_log_entry(row, action, *, user=None, data):
    """What `wagtail.log_actions.log` writes; that asks the database first whether the row's content type exists."""
    from wagtail.models import ModelLogEntry  # noqa: PLC0415 - models are not loaded yet when this module is

    context = get_active_log_context()
    return ModelLogEntry(
        content_type=ContentType.objects.get_for_model(row, for_concrete_model=False),
        object_id=str(row.pk),
        label=str(row),
        action=action,
        user=user or context.user,
        uuid=context.uuid,
        data=data,
        timestamp=timezone.now(),
    )
