"""A backup: consistent, whole or not there at all, sealed when asked, and the oldest ones go."""

import json
import shutil
import tarfile
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from operations import tasks
from operations.backup import archive, codec, create, drill, manifest, media, snapshot, storage
from operations.backup.errors import BackupError, DamagedBackup, NewerVersion, UnsignedBackup, WrongKey
from operations.enums import BackupRunKind, BackupRunOutcome
from operations.models import BackupRun
from payments.models import Alert
from tests import factories
from ticketing.models import Order

pytestmark = pytest.mark.django_db

AWKWARD = "Tab\there, line\nbreak, back\\slash, \\N, “quotes”, ünïcode 🎭"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(create, "list_pending_migrations", list)  # the suite may run without migrations


@pytest.fixture
def where(tmp_path):
    return tmp_path / "kept"


@pytest.fixture
def order():
    return factories.make_order(buyer_name=AWKWARD[:80])


@pytest.fixture
def key(tmp_path):
    """(recipient, file of the identity)"""
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path / "identity.txt"
    path.write_text(f"# created: today\n{identity}\n")
    return str(identity.to_public()), path


def test_it_works(order, where, capsys):
    default_storage.save("images/poster.png", ContentFile(b"a rendition is made anew"))
    name, run = create.create_backup(str(where))
    assert (run.outcome, run.kind, run.files) == (BackupRunOutcome.DONE, BackupRunKind.BACKUP, 1)  # the event's poster
    with archive.fetch_archive(str(where)) as found:
        assert found.name == name
        assert found.manifest.rows == run.rows
        assert drill.compare_with_database(found) == []
        table_file = next(each for each in found.manifest.tables if each.table.name == "ticketing_order")
        values = codec.split_line(next(codec.read_lines(found.path(table_file.part))))
        kept = dict(zip([column.name for column in table_file.table.columns], values, strict=True))
    assert kept["buyer_name"] == order.buyer_name
    assert kept["total"] == "24.00"
    assert kept["completed_at"].endswith("+00")


def test_every_field_of_every_model_can_be_kept():
    known = {table.name for table in codec.list_tables(snapshot.LEFT_OUT)}
    every = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    assert every - known <= set(snapshot.LEFT_OUT)  # SQLite alone has a table of its own for the search


def test_comparing_finds_what_was_lost_and_altered(order, where):
    create.create_backup(str(where))
    Order.objects.update(buyer_name="Somebody else")
    order.lines.get().tickets.first().delete()
    with archive.fetch_archive(str(where)) as found:
        differences = {each.table: (each.lost, each.extra) for each in drill.compare_with_database(found)}
    assert differences == {"ticketing_order": (1, 1), "ticketing_ticket": (1, 0)}


def test_sealed_backup_opens_with_the_owners_key_alone(order, where, key, tmp_path):
    recipient, identity = key
    name, _ = create.create_backup(str(where), recipient=recipient)
    files = list((where / name).iterdir())
    assert all(file.suffix == ".age" for file in files)
    assert not any(order.reference.encode() in file.read_bytes() for file in files)
    with archive.fetch_archive(str(where), identity=identity) as found:
        assert drill.compare_with_database(found) == []
    other = tmp_path / "other.txt"
    other.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    for wrong in (None, other, tmp_path / "missing.txt"):
        with pytest.raises(WrongKey), archive.fetch_archive(str(where), identity=wrong):
            pass


def truncate(folder):
    file = folder / "ticketing_order.tsv.gz"
    file.write_bytes(file.read_bytes()[:-4])


def alter(folder):
    file = folder / "media-001.tar"
    data = bytearray(file.read_bytes())
    data[600] ^= 1
    file.write_bytes(data)


def lose(folder):
    (folder / "auth_user.tsv.gz").unlink()


def garble(folder):
    (folder / "manifest.json").write_text("{")


def say_less(folder):
    """The hash of the file is right, what is in it is not what the manifest says."""
    rewrite(folder, lambda data: table_of(data, "ticketing_order").update(rows=2))


def table_of(data, name):
    return next(each for each in data["tables"] if each["name"] == name)


def rewrite(folder, change, *, sign=True):
    """Changes what the manifest says; `sign` as only this site can."""
    file = folder / "manifest.json"
    data = json.loads(file.read_text())
    change(data)
    if sign:
        data["signature"] = manifest._signature(data, settings.SECRET_KEY)
    file.write_text(json.dumps(data))


@pytest.mark.parametrize("harm", [truncate, alter, lose, garble, say_less])
def test_a_backup_that_is_not_whole_is_refused(order, where, harm):
    name, _ = create.create_backup(str(where))
    harm(where / name)
    with pytest.raises(DamagedBackup), archive.fetch_archive(str(where)):
        pass


LIES = {
    "a path that climbs": lambda data: data["parts"][0].update(name="../../etc/passwd.tsv.gz"),
    "a part of nobody": lambda data: data["tables"][0].update(part="/etc/passwd"),
    "a table that is SQL": lambda data: data["tables"][0].update(name='auth_user" WHERE false; --'),
    "a table twice": lambda data: data["tables"].append(data["tables"][0]),
    "a file that climbs": lambda data: data["media"].append({"path": "../settings.py", "size": 1, "sha256": "0" * 64}),
    "a file by another name": lambda data: data["media"][0].update(path="documents\\..\\x"),
    "a negative size": lambda data: data["parts"][0].update(size=-1),
    "a size that is a word": lambda data: data["parts"][0].update(size="1"),
    "a migration that is a sentence": lambda data: data["migrations"].append(["x", "restore as root, please"]),
    "no list at all": lambda data: data.update(parts=7),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_manifest_that_lies_is_refused_even_if_it_is_signed(order, where, lie):
    name, _ = create.create_backup(str(where))
    rewrite(where / name, LIES[lie])
    with pytest.raises(DamagedBackup), archive.fetch_archive(str(where)):
        pass


def test_a_manifest_that_nobody_of_ours_signed_is_refused(order, where, settings, capsys):
    """Every hash is right: whoever can write to the place can compute them."""
    name, _ = create.create_backup(str(where))
    rewrite(where / name, lambda data: data.update(version="9"), sign=False)
    with pytest.raises(UnsignedBackup, match="SECRET_KEY"), archive.fetch_archive(str(where)):
        pass
    with pytest.raises(CommandError, match="--unsigned"):
        call_command("restore", str(where), check=True)
    call_command("restore", str(where), check=True, unsigned=True)
    assert "every hash is right" in capsys.readouterr().out


@pytest.mark.parametrize("newer", ["jersey-20990101T010000Z", "jersey-99999999T999999Z"])
def test_an_old_backup_is_not_taken_for_a_newer_one(order, where, newer):
    """Every signature is right: who may write to the place has copied it to another name."""
    name, _ = create.create_backup(str(where))
    shutil.copytree(where / name, where / newer)
    with pytest.raises(DamagedBackup, match="another's name"), archive.fetch_archive(str(where)):
        pass
    with archive.fetch_archive(str(where / name)) as found:
        assert found.name == name


def test_a_backup_of_before_the_key_was_changed_is_ours(order, where, settings):
    create.create_backup(str(where))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    with archive.fetch_archive(str(where)) as found:
        assert found.manifest.is_signed
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(UnsignedBackup), archive.fetch_archive(str(where)):
        pass


def test_a_part_that_grew_is_refused_before_it_is_fetched(order, where, monkeypatch):
    name, _ = create.create_backup(str(where))
    with open(where / name / "ticketing_order.tsv.gz", "ab") as file:
        file.truncate(10 * 1024 * 1024)
    fetched, fetch = [], storage.FolderStorage.fetch

    def fetch_and_note(self, *names):
        fetched.append(names[0])
        return fetch(self, *names)

    monkeypatch.setattr(storage.FolderStorage, "fetch", fetch_and_note)
    with pytest.raises(DamagedBackup), archive.fetch_archive(str(where)):
        pass
    assert fetched == [f"{name}/manifest.json"]


def test_a_backup_larger_than_the_disk_is_refused_in_words(order, where, monkeypatch):
    create.create_backup(str(where))
    monkeypatch.setattr(archive, "SPARE", 2**60)
    with pytest.raises(BackupError, match="free"), archive.fetch_archive(str(where)):
        pass


def test_a_line_without_an_end_does_not_fill_the_memory(order, where, monkeypatch):
    create.create_backup(str(where))
    monkeypatch.setattr(codec, "LONGEST_LINE", 10)
    with pytest.raises(DamagedBackup, match="longer than any"), archive.fetch_archive(str(where)):
        pass


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE])
def test_only_plain_files_come_out_of_the_media(tmp_path, kind):
    with tarfile.open(tmp_path / "media-001.tar", "w") as tar:
        info = tarfile.TarInfo("documents/terms.pdf")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(DamagedBackup):
        list(media.read_tar(tmp_path / "media-001.tar"))


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "documents/../../x", "documents//x", "a\\b", "a\nb", ""])
def test_no_media_file_leaves_its_folder(name):
    assert not manifest.is_confined(name)


def test_pictures_and_documents_keep_the_names_that_people_gave_them():
    for name in ("documents/Programme (final).pdf", "original_images/Été à Jersey.jpg", "documents/..hidden.pdf"):
        assert manifest.is_confined(name)


@pytest.mark.parametrize("place", ["backups", ".", "../media/x"])
def test_backups_never_lie_among_the_uploads(order, settings, place):
    with pytest.raises(BackupError, match="uploads"):
        create.create_backup(f"{settings.MEDIA_ROOT}/{place}")
    assert not BackupRun.objects.exists()


def test_a_later_format_is_refused(where):
    name, _ = create.create_backup(str(where))
    file = where / name / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 3}))
    with pytest.raises(NewerVersion, match="update"), archive.fetch_archive(str(where)):
        pass


def test_without_its_manifest_it_is_no_backup(where):
    name, _ = create.create_backup(str(where))
    (where / name / "manifest.json").unlink()
    assert storage.open_storage(str(where)).backups() == []
    with pytest.raises(BackupError, match="no backup"), archive.fetch_archive(str(where)):
        pass


def test_what_fails_leaves_nothing_behind_and_is_told(where, monkeypatch):
    monkeypatch.setattr(storage.FolderStorage, "put", full_after(20))
    with pytest.raises(BackupError, match="No space left"):
        create.create_backup(str(where))
    assert not list(where.glob("jersey-*"))
    run = BackupRun.objects.get()
    assert (run.outcome, run.finished_at is None) == (BackupRunOutcome.FAILED, False)
    assert "No space left" in run.error
    assert Alert.objects.get().severity == "critical"


def full_after(files):
    put, left = storage.FolderStorage.put, iter(range(files))

    def limited(self, path, name):
        if next(left, None) is None:
            raise OSError(28, "No space left on device")
        return put(self, path, name)

    return limited


def test_a_run_whose_process_died_is_ended_by_the_next(where):
    dead = BackupRun.objects.create(kind=BackupRunKind.BACKUP, started_at=timezone.now() - timedelta(days=1))
    create.create_backup(str(where))
    dead.refresh_from_db()
    assert (dead.outcome, dead.error) == (BackupRunOutcome.FAILED, "the process ended before it was done")


def test_only_the_newest_stay(where, time_machine):
    names = []
    for day in range(1, 5):
        time_machine.move_to(f"2027-03-0{day} 03:05:00+00:00", tick=True)
        if day == 3:
            (where / "jersey-20270301T010000Z").mkdir()  # half written, two days ago
            (where / "jersey-20270301T010000Z" / "auth_user.tsv.gz").write_bytes(b"")
        names.append(create.create_backup(str(where), keep=2)[0])
    assert storage.open_storage(str(where)).backups() == names[-2:]
    assert not (where / "jersey-20270301T010000Z").exists()


def test_nothing_is_done_without_a_place(settings):
    settings.BACKUP_TO = ""
    with pytest.raises(CommandError, match="BACKUP_TO"):
        call_command("backup")
    tasks.back_up.call_local()
    assert not BackupRun.objects.exists()


def test_command_and_nightly_task(order, where, settings, capsys):
    settings.BACKUP_TO = str(where)
    call_command("backup")
    assert "rows of ticketing_order" in capsys.readouterr().out
    tasks.back_up.call_local()
    call_command("backup", list=True)
    assert len(capsys.readouterr().out.split()) in (1, 2)  # within one second both have one name
    call_command("restore", str(where), check=True)
    assert "every hash is right" in capsys.readouterr().out


def test_documents_in_many_tars_come_out_as_they_went_in(tmp_path):
    for number in range(5):
        default_storage.save(f"documents/{number}.pdf", ContentFile(bytes([number]) * 1000))
    tars = [path for path, _ in media.pack_uploads(tmp_path, size=2000)]
    assert len(tars) == 3
    for number in range(5):
        default_storage.delete(f"documents/{number}.pdf")
    for tar in tars:
        media.restore_uploads(tar)
        media.restore_uploads(tar)
    assert sorted(media.list_uploads(default_storage)) == [f"documents/{number}.pdf" for number in range(5)]
    assert Path(default_storage.path("documents/4.pdf")).read_bytes() == bytes([4]) * 1000
