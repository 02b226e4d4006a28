from django.db import migrations, models

from common.migration_operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False  # the indexes are built while others write

    dependencies = [("ticketing", "0021_size_indexes")]

    operations = [
        AddIndexQuietly("orderline", models.Index(fields=["sale", "-order"], name="order_line_of_sale")),
        AddIndexQuietly("ticket", models.Index(fields=["sale", "-id"], name="ticket_of_sale")),
    ]
