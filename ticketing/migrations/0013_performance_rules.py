from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ticketing", "0012_performance_rows")]

    operations = [
        migrations.RemoveIndex(model_name="checkin", name="check_in_of_sale"),
        migrations.AddConstraint(
            model_name='checkin',
            constraint=models.UniqueConstraint(condition=models.Q(('result', 'accepted')), fields=('ticket', 'performance'), name='admitted_once_per_performance'),
        ),
        migrations.AddConstraint(
            model_name='eventsale',
            constraint=models.CheckConstraint(condition=models.Q(('performance', None), ('takes_date_seats', False), _connector='OR'), name='sale_of_one_date_is_no_pass'),
        ),
        # Last: SQLite makes a table anew for a constraint, and would leave out what the state has lost.
        migrations.AlterModelOptions(
            name="eventsale",
            options={"ordering": ["performance__starts_at", "id"], "verbose_name": "ticket sale"},
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="checkin", name="sale"),
                migrations.RemoveField(model_name="eventsale", name="starts_at"),
            ]
        ),
    ]
