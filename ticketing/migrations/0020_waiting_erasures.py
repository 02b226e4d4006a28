from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ticketing", "0015_change_notice")]

    operations = [
        migrations.AddField(
            "erasure",
            "waiting",
            models.JSONField(
                null=True,
                editable=False,
                help_text=(
                    "Of a request: ids of the orders that it had to leave. Empty: nobody has looked for them yet."
                ),
            ),
        ),
    ]
