from django.db import migrations, models

from common.migration_operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ticketing", "0013_performance_rules")]

    operations = [
        AddIndexQuietly("checkin", models.Index(fields=["performance", "-id"], name="check_in_of_performance")),
    ]
