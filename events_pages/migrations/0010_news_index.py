from django.db import migrations

from common.migration_operations import AddHiddenIndex


class Migration(migrations.Migration):
    """What was published last, for the news of lists: the table is Wagtail's, and has no index of it."""

    atomic = False  # the index is built while others write

    dependencies = [("events_pages", "0009_dates_moved")]

    operations = [AddHiddenIndex("page_news", "wagtailcore_page (first_published_at, id)")]
