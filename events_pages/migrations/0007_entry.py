from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events_pages", "0006_tonight")]

    operations = [
        migrations.AddField(
            model_name="eventpage",
            name="entry",
            field=models.CharField(
                choices=[("", "No ticket needed"), ("tickets_later", "Tickets come later")],
                blank=True,
                db_default="",
                default="",
                help_text="Said while no tickets are sold here. Sold by somebody else: see “If something changes”.",
                max_length=16,
                verbose_name="tickets",
            ),
        ),
    ]
