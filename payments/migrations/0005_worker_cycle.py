from django.db import migrations


class Migration(migrations.Migration):
    """The table keeps its name: nothing in the database changes."""

    dependencies = [
        ("payments", "0004_transaction_codes"),
    ]

    operations = [
        migrations.AlterModelTable(name="cycle", table="payments_cycle"),
        migrations.RenameModel(old_name="Cycle", new_name="WorkerCycle"),
    ]
