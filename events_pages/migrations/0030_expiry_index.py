from django.db import migrations

from common.migration_operations import AddHiddenIndex


class Migration(migrations.Migration):
    """What is to go offline at a time: the table is Wagtail's, and has no index of it."""

    atomic = False  # the index is built while others write

    dependencies = [("events_pages", "0010_news_index")]

    operations = [AddHiddenIndex("page_expiry", "wagtailcore_page (expire_at) WHERE live AND expire_at IS NOT NULL")]
