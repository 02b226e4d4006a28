from django.db import migrations


class Migration(migrations.Migration):
    """The table keeps its name: nothing in the database changes."""

    dependencies = [
        ("operations", "0002_launch_ticks"),
    ]

    operations = [
        migrations.AlterModelTable(name="keepingrun", table="operations_keepingrun"),
        migrations.RenameModel(old_name="KeepingRun", new_name="BackupRun"),
    ]
