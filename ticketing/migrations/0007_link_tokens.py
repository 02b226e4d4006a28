from django.db import migrations, models

import ticketing.models.baskets


class Migration(migrations.Migration):

    dependencies = [
        ("ticketing", "0006_places_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="token",
            field=models.CharField(default=ticketing.models.baskets.new_link_token, editable=False, max_length=40),
        ),
    ]
