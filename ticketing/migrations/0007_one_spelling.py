"""Addresses that were kept as they were typed get the one spelling (decision 29).

In batches by key, each row by itself and only while it still holds what was read: writers wait for nobody. A row that
old code writes beside it is found by its other spelling all the same (`common.text.email_addresses.same_address`).
"""

from django.conf import settings
from django.db import migrations

from common.text.email_addresses import normalise_email

BATCH = 1000
LONGEST = 254
PLACES = (
    ("ticketing", "Order", "buyer_email"),
    ("ticketing", "Basket", "buyer_email"),
    ("ticketing", "Delivery", "recipient"),
    ("events_pages", "Organiser", "email"),
    ("events_pages", "SiteSettings", "contact_email"),
    ("events_pages", "SiteSettings", "privacy_email"),
    (*settings.AUTH_USER_MODEL.split("."), "email"),
)


def respell(apps, schema_editor):
    for app, model, field in PLACES:
        respell_rows(apps.get_model(app, model).objects.all(), field)


def respell_rows(rows, field):
    last = 0
    filled = rows.exclude(**{field: ""}).order_by("pk").values_list("pk", field)
    while batch := list(filled.filter(pk__gt=last)[:BATCH]):
        for pk, text in batch:
            email = normalise_email(text)
            if email != text and len(email) <= LONGEST:
                rows.filter(**{"pk": pk, field: text}).update(**{field: email})
        last = batch[-1][0]


class Migration(migrations.Migration):

    atomic = False  # no row stays locked while others are read

    dependencies = [
        ("ticketing", "0007_link_tokens"),
        ("events_pages", "0003_made_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(respell, migrations.RunPython.noop)]
