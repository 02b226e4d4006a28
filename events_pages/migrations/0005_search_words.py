from django.db import migrations

import common.search.fields


class Migration(migrations.Migration):

    dependencies = [
        ('events_pages', '0003_made_by'),
    ]

    operations = [
        migrations.AddField(
            model_name='eventpage',
            name='search_words',
            field=common.search.fields.SearchWordsField(blank=True, db_default='', default='', editable=False, of='words_to_find'),
        ),
    ]
