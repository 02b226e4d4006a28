from django.db import migrations

from common.search.fields import AddWordIndex


class Migration(migrations.Migration):

    atomic = False  # the index is built while others write

    dependencies = [
        ('events_pages', '0005_search_words'),
    ]

    operations = [
        AddWordIndex('eventpage', 'search_words', 'event_words'),
    ]
