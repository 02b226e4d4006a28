from django.db import models

from django.db import migrations
from common.migration_operations import AddIndexQuietly

INDEXES = (
    models.Index(fields=["held_at", "starts_at", "id"], name="performance_at_venue"),
    models.Index(fields=["parish", "starts_at", "id"], name="performance_in_parish"),
    models.Index(
        fields=["starts_at", "id"], condition=models.Q(has_access_notes=True), name="performance_with_access"
    ),
    models.Index(
        fields=["ends_at"], condition=models.Q(status__in=("cancelled", "postponed")), name="performance_off"
    ),
)


class Migration(migrations.Migration):
    """Dates at a venue, in a parish, with notes on access; and those that do not take place."""

    atomic = False  # the indexes are built while others write

    dependencies = [("events_pages", "0032_copy_places")]

    operations = [AddIndexQuietly("performance", index) for index in INDEXES]
