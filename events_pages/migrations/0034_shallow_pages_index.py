from django.db import migrations

from common.migration_operations import AddHiddenIndex


class Migration(migrations.Migration):
    """The foot of every page names pages below the home page: a handful beside ten thousand events."""

    atomic = False  # the index is built while others write

    dependencies = [("events_pages", "0033_place_indexes")]

    operations = [AddHiddenIndex("page_near_root", "wagtailcore_page (path) WHERE depth <= 3")]
