import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Where a date is, in its own row: `0032` fills it, an index of `0033` finds it."""

    dependencies = [("events_pages", "0030_expiry_index")]

    operations = [
        migrations.AddField(
            "performance",
            "held_at",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="events_pages.venue",
            ),
        ),
        migrations.AddField(
            "performance", "parish", models.CharField(db_default="", default="", editable=False, max_length=20)
        ),
        migrations.AddField(
            "performance", "has_access_notes", models.BooleanField(db_default=False, default=False, editable=False)
        ),
    ]
