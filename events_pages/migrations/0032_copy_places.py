from django.db import migrations, transaction

from events_pages.querysets import find_places

BATCH = 2000


def copy_places(apps, schema_editor):
    """In batches, so that nobody who sells waits for the rows of all dates."""
    dates = apps.get_model("events_pages", "Performance").objects.order_by("pk")
    said, last = find_places(dates.model), 0
    while numbers := list(dates.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            dates.filter(pk__in=numbers).order_by().update(**said)
        last = numbers[-1]


class Migration(migrations.Migration):
    atomic = False  # each batch by itself

    dependencies = [("events_pages", "0031_places_of_dates")]

    operations = [migrations.RunPython(copy_places, migrations.RunPython.noop)]
