from django.db import migrations, models

from common.search.fields import AddWordIndex
from common.migration_operations import AddIndexQuietly


class Migration(migrations.Migration):

    atomic = False  # the indexes are built while others write

    dependencies = [
        ('ticketing', '0008_search_words'),
    ]

    operations = [
        AddWordIndex('orderline', 'search_words', 'order_line_words'),
        AddIndexQuietly(
            model_name='orderline',
            index=models.Index(condition=models.Q(('search_words', '')), fields=['id'], name='order_line_unfolded'),
        ),
    ]
