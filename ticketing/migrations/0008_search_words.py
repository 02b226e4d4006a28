from django.db import migrations

from common.search.fields import SearchWordsField


class Migration(migrations.Migration):

    dependencies = [
        ('ticketing', '0007_one_spelling'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderline',
            name='search_words',
            field=SearchWordsField(blank=True, db_default='', default='', editable=False, of='words_to_find'),
        ),
    ]
