from django.db import migrations, models
from django.db.models import Q

from common.migration_operations import AddIndexQuietly


class Migration(migrations.Migration):
    atomic = False  # the indexes are built while others write

    dependencies = [("payments", "0005_worker_cycle")]

    operations = [
        AddIndexQuietly(
            "movement",
            models.Index(fields=["merchant", "payout_date"], condition=Q(kind="PAYMENT"), name="movement_payout"),
        ),
        AddIndexQuietly(
            "movement",
            models.Index(
                fields=["merchant", "at"], condition=Q(kind__in=["REFUND", "CHARGE_BACK"]), name="movement_back"
            ),
        ),
        AddIndexQuietly(
            "refund",
            models.Index(
                fields=["proved_at"], condition=Q(origin__in=("dashboard", "charge_back")), name="refund_outside"
            ),
        ),
        AddIndexQuietly(
            "payment", models.Index(fields=["paid_at"], condition=Q(state="by_hand"), name="payment_by_hand")
        ),
        AddIndexQuietly(
            "refund",
            models.Index(
                fields=["state", "created_at"], condition=Q(state__in=["failed", "waiting"]), name="refund_stuck"
            ),
        ),
        AddIndexQuietly("workercycle", models.Index(fields=["kind", "-id"], name="cycle_of_kind")),
    ]
