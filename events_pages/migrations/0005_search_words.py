from django.db import migrations

from common.search.fields import SearchWordsField


class Migration(migrations.Migration):

    dependencies = [
        ('events_pages', '0003_made_by'),
    ]

    operations = [
        migrations.AddField(
            model_name='eventpage',
            name='search_words',
            field=SearchWordsField(blank=True, db_default='', default='', editable=False, of='words_to_find'),
        ),
    ]
