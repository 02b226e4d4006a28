from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Upper

from common.migration_operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False  # the indexes are built while others write

    dependencies = [("ticketing", "0020_waiting_erasures")]

    operations = [
        AddIndexQuietly(
            "basket", models.Index(Upper("buyer_email"), condition=~Q(buyer_email=""), name="basket_of_buyer")
        ),
        AddIndexQuietly("basket", models.Index(fields=["created_at"], name="basket_age")),
        AddIndexQuietly("erasure", models.Index(fields=["subject"], name="erasure_subject")),
    ]
