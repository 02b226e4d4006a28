from django.db import migrations, models

from common.migration_operations import AddIndexQuietly


class Migration(migrations.Migration):

    atomic = False  # the index is built while others write

    dependencies = [
        ('payments', '0003_by_hand_and_pauses'),
    ]

    operations = [
        AddIndexQuietly(
            model_name='payment',
            index=models.Index(condition=models.Q(('transaction_code', ''), _negated=True), fields=['transaction_code'], name='payment_code'),
        ),
    ]
