"""Old code and new code run side by side while a release goes out: no migration may break the old one."""

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.utils import timezone

from common.migration_operations import AddIndexQuietly
from operations import migration_safety
from ticketing.enums import DeliveryKind


@pytest.fixture(autouse=True)
def _real_migrations(settings):
    """Even when a quick run of the suite has made its tables without them."""
    settings.MIGRATION_MODULES = {}


BEFORE = {
    "code": models.CharField(max_length=40, null=True),
    "words": models.CharField(max_length=40),
    "number": models.IntegerField(),
}


def test_ours_are_safe():
    assert migration_safety.list_unsafe_operations() == []


def test_reasons_are_for_what_is_there(monkeypatch):
    accepted = dict(migration_safety.ACCEPTED)
    monkeypatch.setattr(migration_safety, "ACCEPTED", {})
    assert {words.rpartition(": ")[0] for words in migration_safety.list_unsafe_operations()} == set(accepted)


def judged(*operations, model="venue"):
    state = ProjectState()
    state.add_model(ModelState("shop", model, list(BEFORE.items())))
    return list(migration_safety.find_unsafe_operations(operations, "shop", state))


INDEX = models.Index(fields=["number"], name="by_number")
FIXED = models.CheckConstraint(condition=models.Q(number__gt=0), name="positive")


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("order", "code"),
        migrations.DeleteModel("order"),
        migrations.RenameField("order", "code", "name"),
        migrations.RenameModel("order", "purchase"),
        migrations.AlterModelTable("order", "purchases"),
        migrations.RunSQL("SELECT 1"),
        migrations.AddField("order", "new", models.CharField(max_length=9)),
        migrations.AddField("order", "new", models.CharField(max_length=9, default="x")),
        migrations.AddField("order", "new", models.IntegerField(null=True, db_index=True)),
        migrations.AlterField("order", "code", models.CharField(max_length=40)),
        migrations.AlterField("order", "words", models.CharField(max_length=20)),
        migrations.AlterField("order", "words", models.CharField(max_length=40, unique=True)),
        migrations.AlterField("order", "number", models.TextField()),
        migrations.AddIndex("order", INDEX),
        migrations.AddConstraint("order", FIXED),
        migrations.SeparateDatabaseAndState([migrations.DeleteModel("order")]),
    ],
    ids=lambda operation: operation.describe(),
)
def test_an_unsafe_operation_is_refused_with_the_way_out(operation):
    (words,) = judged(operation, model="order")
    assert ";" in words or "ACCEPTED" in words


@pytest.mark.parametrize(
    "operation",
    [
        migrations.CreateModel("new", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("order", "new", models.CharField(max_length=9, null=True)),
        migrations.AddField("order", "new", models.CharField(max_length=9, default="", db_default="")),
        migrations.AddField("order", "new", models.ManyToManyField("shop.Order")),
        migrations.AlterField("order", "words", models.CharField(max_length=80, null=True)),
        migrations.AlterField("order", "number", models.IntegerField(help_text="A number")),
        migrations.AddIndex("venue", INDEX),
        AddIndexQuietly("order", INDEX),
        migrations.RunPython(migrations.RunPython.noop),
    ],
    ids=lambda operation: operation.describe(),
)
def test_a_safe_operation_passes(operation):
    assert judged(operation, model="order") == []


def test_a_model_may_change_its_name_when_its_table_does_not():
    rename = migrations.RenameModel("order", "purchase")
    assert judged(migrations.AlterModelTable("order", "shop_order"), rename, model="order") == []
    assert len(judged(migrations.AlterModelTable("order", "orders"), rename, model="order")) == 2


def test_rows_and_tables_are_changed_apart():
    both = [migrations.AddField("order", "new", models.TextField(null=True)), migrations.RunPython(print)]
    assert judged(*both, model="order") == [f"RunPython beside changes of tables: {migration_safety.MIXED}"]


@pytest.mark.django_db
def test_code_of_the_last_release_writes_into_the_new_tables():
    """As a process that was not stopped yet: its models do not know the new columns."""
    released = MigrationLoader(None).project_state(list(migration_safety.RELEASED.items())).apps
    now = timezone.now()
    words = {"buyer_name": "Ana", "buyer_email": "ana@example.je", "terms_version": "1", "currency": "GBP"}
    order = released.get_model("ticketing", "Order").objects.create(
        reference="JE-OLDCODE1", token="t" * 32, total=0, deadline=now, accepted_at=now, basket_token="b", **words
    )
    released.get_model("ticketing", "Delivery").objects.create(
        order=order, kind=DeliveryKind.TICKETS, requested_at=now, next_attempt_at=now
    )
    released.get_model("ticketing", "Basket").objects.create(token="u" * 32)
    released.get_model("events_pages", "Organiser").objects.create(name="Island Arts")
    connection.check_constraints()


@pytest.mark.django_db
def test_an_index_is_built_quietly():
    before = ProjectState.from_apps(apps)
    index = AddIndexQuietly("venue", models.Index(fields=["postcode"], name="quiet"))
    after = before.clone()
    index.state_forwards("events_pages", after)
    editor = connection.schema_editor(collect_sql=True, atomic=False)
    editor.deferred_sql = []
    index.database_forwards("events_pages", editor, before, after)
    index.database_backwards("events_pages", editor, after, before)
    quietly = ["CONCURRENTLY" in line for line in editor.collected_sql]
    assert quietly == [connection.vendor == "postgresql"] * 2
