from django.db import migrations

from common.migration_operations import AddHiddenIndex


class Migration(migrations.Migration):
    """Every page of the admin asks for the root of Wagtail's tree, by its depth."""

    atomic = False  # the index is built while others write

    dependencies = [("events_pages", "0034_shallow_pages_index")]

    operations = [AddHiddenIndex("page_depth", "wagtailcore_page (depth, path)")]
