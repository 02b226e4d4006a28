"""Alerts have rows of their own: what was still owed to staff moves there, and two kinds of delivery go."""

from django.db import migrations
from django.utils import timezone

GONE = {"review_alert": "critical", "expired_digest": "notice"}
TITLES = {"review_alert": "Order {} needs a person", "expired_digest": "Order {} ended unpaid"}


def move(apps, schema_editor):
    Delivery, Alert = apps.get_model("ticketing", "Delivery"), apps.get_model("payments", "Alert")
    rows = Delivery.objects.filter(kind__in=GONE).select_related("order")
    owed = rows.filter(next_attempt_at__isnull=False)
    Alert.objects.bulk_create(
        [
            Alert(
                key=f"{row.kind}:{row.order.reference}",
                severity=GONE[row.kind],
                title=TITLES[row.kind].format(row.order.reference),
                text=row.order.review_reason,
                next_attempt_at=timezone.now(),
            )
            for row in owed.iterator()
        ],
        ignore_conflicts=True,
    )
    rows.delete()


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_every_penny"), ("ticketing", "0002_refunds")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
