from django.db import migrations, models
from django.db.models import Q

from common.migration_operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False  # the indexes are built while others write

    dependencies = [("payments", "0016_size_indexes")]

    operations = [
        AddIndexQuietly("payment", models.Index(fields=["merchant", "-id"], name="payment_of_merchant")),
        AddIndexQuietly("movement", models.Index(fields=["sumup_id"], name="movement_at_sumup")),
        AddIndexQuietly(
            "movement",
            models.Index(fields=["payout_reference"], condition=~Q(payout_reference=""), name="movement_paid_out"),
        ),
        AddIndexQuietly("discrepancy", models.Index(fields=["-closed_at", "-day", "-id"], name="discrepancy_in_order")),
        AddIndexQuietly("discrepancy", models.Index(fields=["transaction_id"], name="discrepancy_transaction")),
        AddIndexQuietly("discrepancy", models.Index(fields=["key"], name="discrepancy_key")),
        AddIndexQuietly("reconciliationrun", models.Index(fields=["-day", "-id"], name="run_in_order")),
    ]
