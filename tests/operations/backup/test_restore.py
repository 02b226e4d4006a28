"""A restore: everything as it was, or a sentence and nothing changed."""

import json
from dataclasses import replace

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations import RenameModel
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from operations.backup import archive, codec, create, drill, restore, snapshot
from operations.backup.codec import Column, ColumnKind
from operations.backup.errors import BackupError, DamagedBackup, NewerVersion, TargetNotEmpty
from operations.backup.manifest import TableFile
from operations.enums import BackupRunKind, BackupRunOutcome
from operations.models import BackupRun
from payments.enums import CycleKind
from payments.models import Observation, WorkerCycle
from tests import factories
from tests.payments.factories import make_payment
from ticketing.enums import ErasureKind
from ticketing.models import Erasure, Order, Ticket

pytestmark = pytest.mark.django_db
OUR_APPS = ("events_pages", "operations", "payments", "protection", "ticketing")


@pytest.fixture(autouse=True)
def _quickly(settings, tmp_path, monkeypatch):
    """The schema is the suite's own already."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(create, "list_pending_migrations", list)
    monkeypatch.setattr(restore, "migrate_to_latest", lambda: None)
    monkeypatch.setattr(restore, "rebuild_derived_data", lambda say: None)


@pytest.fixture
def kept(tmp_path):
    """A backup of an order with two tickets and a document; yields where it lies."""
    factories.make_order(buyer_name="Ünïcode\tand a “tab”")
    default_storage.save("documents/terms.pdf", ContentFile(b"the terms"))
    create.create_backup(str(tmp_path / "kept"))
    return str(tmp_path / "kept")


def spoil():
    factories.make_order()
    Order.objects.update(buyer_name="Somebody else")
    Ticket.objects.first().delete()
    default_storage.delete("documents/terms.pdf")


def test_it_works(kept, capsys):
    spoil()
    call_command("restore", kept, force=True, prove=True)
    order = Order.objects.get()
    assert (order.buyer_name, order.lines.get().tickets.count()) == ("Ünïcode\tand a “tab”", 2)
    with default_storage.open("documents/terms.pdf") as document:
        assert document.read() == b"the terms"
    said = capsys.readouterr().out
    assert "every constraint holds" in said
    assert "Stock: all counters agree with their rows." in said
    assert "reconcile_payments --from" in said
    assert '"lost": 0' in said
    runs = BackupRun.objects.order_by("id").values_list("kind", "outcome")
    assert list(runs) == [(BackupRunKind.BACKUP, BackupRunOutcome.DONE), (BackupRunKind.RESTORE, BackupRunOutcome.DONE)]


def test_a_target_that_holds_something_is_left_alone(kept):
    spoil()
    with pytest.raises(CommandError, match="--force"):
        call_command("restore", kept)
    assert Order.objects.filter(buyer_name="Somebody else").count() == 2
    assert not default_storage.exists("documents/terms.pdf")


def test_an_erasure_of_after_the_backup_is_not_forgotten(kept):
    asked = Erasure.objects.create(kind=ErasureKind.values[0], subject="digest", orders=1)
    with archive.fetch_archive(kept) as found:
        restore.restore_backup(found, force=True)
    carried = Erasure.objects.get()
    assert (carried.subject, carried.at) == ("digest", asked.at)


def test_no_key_is_given_twice(kept):
    last = Order.objects.latest("pk").pk
    with archive.fetch_archive(kept) as found:
        restore.restore_backup(found, force=True)
    assert factories.make_order().pk > last


def test_a_table_that_never_had_a_row_has_one_after_a_restore(kept):
    """The embedded database says 0 for the last key that it gave there."""
    Erasure.objects.all().delete()
    with archive.fetch_archive(kept) as found:
        found.manifest.tables = [
            replace(each, next_id=0) if each.table.name == "ticketing_erasure" else each
            for each in found.manifest.tables
        ]
        restore.restore_backup(found, force=True)
    assert Erasure.objects.create(kind=ErasureKind.values[0], subject="digest").pk == 1


AWKWARD = [
    {"question": "a\tb\r\n \\N", "answer": {"a": [1, 2.5, None, True, "🎭"]}, "at": "2026-03-14 03:05:00.000001"},
    {"question": "nul\x00", "answer": {"nul\x00": ["\x00", "half \ud83d", "\\u0000"]}, "at": "2026-03-14 03:05:00"},
    {"question": "", "answer": "", "at": "2028-02-29 23:59:59.999999"},
]


@pytest.fixture
def embedded():
    """An embedded database of its own, with one table of rows as only it stores them."""
    here = DatabaseWrapper(connections["default"].settings_dict | {"NAME": ":memory:", "OPTIONS": {}}, "embedded")
    payment = make_payment()
    with here.cursor() as cursor:
        cursor.execute("CREATE TABLE payments_observation (id INTEGER PRIMARY KEY, payment_id, question, answer, at)")
        for row in AWKWARD:
            values = [payment.pk, row["question"], json.dumps(row["answer"]), row["at"]]
            cursor.execute(
                "INSERT INTO payments_observation (payment_id, question, answer, at) VALUES (%s, %s, %s, %s)", values
            )
    yield here
    here.close()


def test_what_only_the_embedded_database_stores_does_not_stop_a_restore_elsewhere(embedded, tmp_path):
    table, path = codec.Table.of(Observation), tmp_path / "rows.tsv.gz"
    rows, _ = codec.write_table_file(path, lambda out: snapshot.Snapshot(embedded).dump(table, out))
    with connections["default"].cursor() as cursor:
        restore.LOADERS[connections["default"].vendor](cursor, table, path)
    assert rows == 3
    first, second, third = Observation.objects.order_by("pk")
    assert (first.question, first.answer) == (AWKWARD[0]["question"], AWKWARD[0]["answer"])
    assert (second.question, second.answer) == ("nul", {"nul": ["", "half ", "\\u0000"]})
    assert (third.question, third.answer) == ("", "")
    assert [each.at.microsecond for each in (first, second, third)] == [1, 0, 999_999]


def test_a_backup_of_a_later_version_is_refused(kept):
    with archive.fetch_archive(kept) as found:
        found.manifest.migrations.append(("ticketing", "9999_next_year"))
        with pytest.raises(NewerVersion, match="later version"):
            restore.restore_backup(found, force=True)
    assert Order.objects.exists()


def test_rows_that_do_not_fit_change_nothing(kept):
    """Tickets without their order lines: the manifest's hashes are right, the constraints are not."""
    spoil()
    with archive.fetch_archive(kept) as found:
        found.manifest.tables = [each for each in found.manifest.tables if each.table.name != "ticketing_orderline"]
        with pytest.raises(BackupError, match="none was taken"):
            restore.restore_backup(found, force=True)
    assert Order.objects.filter(buyer_name="Somebody else").count() == 2
    assert BackupRun.objects.latest("pk").outcome == BackupRunOutcome.FAILED


@pytest.mark.parametrize("claim", [{"name": "pg_authid"}, {"columns": ["id", "is_superuser"]}])
def test_tables_and_columns_that_no_model_has_are_refused_before_anything_is_touched(kept, claim):
    with archive.fetch_archive(kept) as found:
        first = next(table_file for table_file in found.manifest.tables if table_file.table.name == "ticketing_order")
        columns = tuple(Column(name, ColumnKind.TEXT) for name in claim.get("columns", ["id"]))
        table = replace(first.table, name=claim.get("name", first.table.name), columns=columns)
        found.manifest.tables[0] = replace(first, table=table, part=f"{table.name}.tsv.gz")
        with pytest.raises(DamagedBackup, match="not ours"):
            restore.restore_backup(found, force=True)
    assert Order.objects.count() == 1
    assert not BackupRun.objects.filter(kind=BackupRunKind.RESTORE).exists()


def test_a_backup_of_an_earlier_version_has_the_columns_of_then():
    """As the migrations made them, whatever the models say today."""
    now = set(MigrationExecutor(connections["default"]).loader.disk_migrations)
    then = restore.tables_at_migrations(
        {(app, name) for app, name in now if app not in ("ticketing", "events_pages") or name < "0005"}
    )
    both = [then["ticketing_delivery"], restore.tables_at_migrations(now)["ticketing_delivery"]]
    names = [{column.name for column in table.columns} for table in both]
    assert {"recipient", "doubt"} <= names[1] - names[0]


def renames_a_model(operation):
    return isinstance(operation, RenameModel) or any(map(renames_a_model, getattr(operation, "state_operations", ())))


def migrations_before_renames():
    """Of a database in which every model of ours still has its first name."""
    loader = MigrationExecutor(connections["default"]).loader
    renames = [
        key
        for key, migration in loader.disk_migrations.items()
        if key[0] in OUR_APPS and any(map(renames_a_model, migration.operations))
    ]
    later = {key for rename in renames for key in loader.graph.backwards_plan(rename)}
    assert ("operations", "0003_backup_run") in later
    return sorted(set(loader.disk_migrations) - later)


def rename_models(old_to_new):
    for (app, old), new in old_to_new.items():
        ContentType.objects.filter(app_label=app, model=old).update(model=new)


def test_a_backup_of_before_models_were_renamed_comes_back(tmp_path, settings, monkeypatch):
    """Tables have kept their names; the rows of content types get the new ones by the migration."""
    settings.MIGRATION_MODULES = {}
    monkeypatch.setattr(restore, "migrate_schema_to", lambda migrations: None)  # the tables of then are those of now
    monkeypatch.setattr(restore, "migrate_to_latest", lambda: rename_models(drill.RENAMED_MODELS))
    now = timezone.now()
    cycle = WorkerCycle.objects.create(kind=CycleKind.POLL, started_at=now, finished_at=now)
    rename_models({(app, new): old for (app, old), new in drill.RENAMED_MODELS.items()})
    create.create_backup(str(tmp_path / "kept"))
    WorkerCycle.objects.all().delete()
    with archive.fetch_archive(str(tmp_path / "kept")) as found:
        found.manifest.migrations = migrations_before_renames()
        restore.restore_backup(found, force=True)
        assert drill.compare_with_database(found) == []
    assert WorkerCycle.objects.get() == cycle
    assert ContentType.objects.filter(app_label="operations", model="backuprun").exists()
    assert {each.table.name for each in found.manifest.tables} >= {"payments_cycle"}


def test_what_backups_leave_out_is_not_taken_from_one_that_has_it(kept):
    """Nobody is signed in by a backup."""
    session = Session.objects.create(session_key="planted", session_data="x", expire_date=timezone.now())
    with archive.fetch_archive(kept) as found:
        path = found.path("django_session.tsv.gz")
        table = codec.Table.of(Session)
        with snapshot.open_snapshot() as now:
            rows, sha256 = codec.write_table_file(path, lambda out: now.dump(table, out))
        found.manifest.tables.append(TableFile(table, rows, sha256, path.name))
        session.delete()
        restore.restore_backup(found, force=True)
    assert not Session.objects.exists()


def test_not_empty_names_the_table(kept):
    with archive.fetch_archive(kept) as found, pytest.raises(TargetNotEmpty, match="_"):
        restore.restore_backup(found)


def test_a_lost_row_fails_the_proof(kept):
    with archive.fetch_archive(kept) as found:
        found_tables = {table_file.table.name: table_file for table_file in found.manifest.tables}
        short = replace(found_tables["ticketing_ticket"], sha256="another")
        found.manifest.tables = [short]
        assert drill.compare_with_database(found) == []  # other bytes, the same rows
        Ticket.objects.first().delete()
        assert drill.compare_with_database(found)[0].lost == 1


@pytest.mark.parametrize("wrong", ["nowhere/at/all", "jersey-20270301T010000Z"])
def test_what_is_not_there_is_said(wrong, tmp_path):
    with pytest.raises(CommandError, match="no (whole )?backup"):
        call_command("restore", str(tmp_path / wrong))


def test_a_second_database_has_the_same_address_but_for_its_name(monkeypatch):
    ours = {"USER": "jersey", "PASSWORD": "p@ss/word", "HOST": "db.internal", "PORT": 5433, "NAME": "jersey"}
    monkeypatch.setattr(
        connections["default"], "settings_dict", ours | {"NAME": "jersey", "OPTIONS": {"sslmode": "require"}}
    )
    assert drill.database_url("drill") == "postgresql://jersey:p%40ss%2Fword@db.internal:5433/drill?sslmode=require"
