"""A name in the code only. The table keeps its own, so that old code runs beside the new and no row moves."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_transaction_codes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable("cycle", "payments_cycle"),
                migrations.RenameModel("Cycle", "WorkerCycle"),
            ]
        )
    ]
