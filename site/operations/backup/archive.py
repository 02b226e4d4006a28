"""A backup that was downloaded, decrypted and checked against its manifest."""

import hashlib
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.backup import codec, encryption, media, storage
from operations.backup.errors import BackupError, DamagedBackup, UnsignedBackup, WrongKey
from operations.backup.manifest import Manifest

LARGEST_MANIFEST = 64 * 1024 * 1024  # two hundred thousand media files
SPARE = 64 * 1024 * 1024  # what stays free on the disk

NAMED_WITHIN = timedelta(minutes=10)  # from naming a backup to its moment


class Archive:
    """Every part lies decrypted in `folder`, and every hash was right."""

    def __init__(self, name, folder, manifest):
        self.name, self.folder, self.manifest = name, folder, manifest

    def path(self, part):
        return self.folder / part.removesuffix(encryption.SUFFIX)

    @property
    def tars(self):
        return [self.path(part.name) for part in self.manifest.parts if part.name.startswith("media-")]


@contextmanager
def fetch_archive(address, *, identity=None, unsigned=False, say=lambda words: None):
    """Yields the Archive of an address (see `storage.find_backup`); its files are deleted when the block ends.

    Checks every part first. Raises BackupError: DamagedBackup for a file that is missing, cut short or altered,
    WrongKey for an encrypted backup that the identity file does not open, UnsignedBackup for one that is not signed
    with this site's SECRET_KEY (unless `unsigned`: the caller knows where it comes from), NewerVersion.
    """
    with TemporaryDirectory(prefix="jersey-restore-") as folder:
        try:
            where, name = storage.find_backup(address)
            archive = _Fetcher(where, name, Path(folder), identity, unsigned).fetch()
        except storage.UNREACHABLE as error:
            raise BackupError(f"{address} cannot be read: {error}") from error
        _check_table_files(archive)
        _check_media(archive)
        found = f"{archive.manifest.rows:,} rows and {len(archive.manifest.media)} media files"
        say(f"{name}: {found}, every hash is right")
        yield archive


class _Fetcher:
    def __init__(self, where, name, folder, identity, unsigned):
        self.where, self.name, self.folder, self.unsigned = where, name, folder, unsigned
        self.identities = encryption.read_identities(identity) if identity else None

    def fetch(self):
        manifest = self.manifest()
        sizes = self.where.sizes(self.name)
        for part in manifest.parts:
            if part.name not in sizes:
                raise DamagedBackup(f"{part.name} is missing from {self.name}.")
            if sizes[part.name] != part.size:
                raise self.altered(part)
        self.check_room(manifest.size)
        for part in manifest.parts:
            self.take(part)
        return Archive(self.name, self.folder, manifest)

    def manifest(self):
        file = self.where.manifest_of(self.name)
        if self.where.sizes(self.name)[file] > LARGEST_MANIFEST:
            raise DamagedBackup("The manifest of this backup is larger than any that this site writes.")
        self.where.fetch(f"{self.name}/{file}", self.folder / file)
        manifest = Manifest.loads(_read_text(self.opened(self.folder / file)))
        if not (manifest.is_signed or self.unsigned):
            raise UnsignedBackup(
                f"{self.name} is not signed with this site's SECRET_KEY: it is another installation's, of an earlier "
                "version, or somebody made it up. If you know where it comes from, say --unsigned."
            )
        if not is_name_of_moment(manifest.started_at, self.name):
            made = f"{manifest.started_at:%Y-%m-%d %H:%M}"
            raise DamagedBackup(f"{self.name} was made at {made}: it goes by another's name.")
        return manifest

    def check_room(self, size):
        free = shutil.disk_usage(self.folder).free
        if size + SPARE > free:
            raise BackupError(f"{self.name} takes {size:,} bytes, and {self.folder.parent} has {free:,} free.")

    def take(self, part):
        path = self.folder / part.name
        self.where.fetch(f"{self.name}/{part.name}", path)
        with open(path, "rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if (path.stat().st_size, sha256) != (part.size, part.sha256):
            raise self.altered(part)
        self.opened(path)

    def altered(self, part):
        return DamagedBackup(f"{part.name} of {self.name} was cut short or altered: its hash is not the manifest's.")

    def opened(self, path):
        if path.suffix != encryption.SUFFIX:
            return path
        if not self.identities:
            raise WrongKey(f"{self.name} is sealed: give the owner's key by --identity FILE.")
        return encryption.decrypt_file(path, self.identities)


def is_name_of_moment(moment, name):
    """Whether the backup of this moment has this name: who may write there could rename an old one."""
    try:
        named = datetime.strptime(name, storage.NAME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(moment.astimezone(UTC) - named) < NAMED_WITHIN


def _read_text(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DamagedBackup("The manifest of this backup cannot be read.") from error


def _check_table_files(archive):
    for table_file in archive.manifest.tables:
        digest, rows = hashlib.sha256(), 0
        with codec.open_table_file(archive.path(table_file.part)) as file:
            while rows <= table_file.rows and (line := _read_line(file, table_file)):
                digest.update(line)
                rows += line.endswith(b"\n")
        if (rows, digest.hexdigest()) != (table_file.rows, table_file.sha256):
            raise DamagedBackup(f"{table_file.table.name} does not hold what the manifest says.")


def _read_line(file, table_file):
    try:
        line = file.readline(codec.LONGEST_LINE + 1)
    except (OSError, EOFError) as error:
        raise DamagedBackup(f"{table_file.part} cannot be unpacked.") from error
    if len(line) > codec.LONGEST_LINE:
        raise DamagedBackup(f"{table_file.part} has a line that is longer than any of ours.")
    return line


def _check_media(archive):
    named = {file.path: file for file in archive.manifest.media}
    found = {}
    for tar in archive.tars:
        for name, size, source in media.read_tar(tar):
            if name in found or name not in named or size != named[name].size:
                raise DamagedBackup("The media files are not those that the manifest names.")
            found[name] = media.hash_content(source)
    if found != {path: file.sha256 for path, file in named.items()}:
        raise DamagedBackup("The media files are not those that the manifest names.")
