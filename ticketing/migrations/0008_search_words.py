from django.db import migrations

import common.search.fields


class Migration(migrations.Migration):

    dependencies = [
        ('ticketing', '0007_one_spelling'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderline',
            name='search_words',
            field=common.search.fields.SearchWordsField(blank=True, db_default='', default='', editable=False, of='words_to_find'),
        ),
    ]
