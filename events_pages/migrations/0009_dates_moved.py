from django.db import migrations

FIELDS = ("doors_at", "ends_at", "starts_at", "status", "status_note")


class Migration(migrations.Migration):
    """Out of the code; the columns stay until no process of the last release reads them."""

    dependencies = [("events_pages", "0008_performance")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="eventpage", name=name) for name in FIELDS]
        )
    ]
