"""A backup that was fetched, opened and found whole: what `restoring` and `comparing` read."""

import hashlib
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.backup import media, places, sealing, sheets
from operations.backup.errors import KeepingError, NotWhole, WrongKey
from operations.backup.manifest import Manifest


class Archive:
    """Every part lies unsealed in `folder`, and every hash was right."""

    def __init__(self, name, folder, manifest):
        self.name, self.folder, self.manifest = name, folder, manifest

    def path(self, part):
        return self.folder / part.removesuffix(sealing.SUFFIX)

    @property
    def tars(self):
        return [self.path(part.name) for part in self.manifest.parts if part.name.startswith("media-")]


@contextmanager
def fetched(address, *, identity=None, say=lambda words: None):
    """Yields the Archive of an address (see `places.find`); its files go when the block ends.

    Reads everything before it says yes. Raises KeepingError: NotWhole for a file that is missing, cut short or
    altered, WrongKey for a sealed backup that the identity file does not open, TooNew.
    """
    with TemporaryDirectory(prefix="jersey-restore-") as folder:
        try:
            where, name = places.find(address)
            archive = _Fetcher(where, name, Path(folder), identity).fetch()
        except places.UNREACHABLE as error:
            raise KeepingError(f"{address} cannot be read: {error}") from error
        _check_sheets(archive)
        _check_media(archive)
        found = f"{archive.manifest.rows:,} rows and {len(archive.manifest.media)} media files"
        say(f"{name}: {found}, every hash is right")
        yield archive


class _Fetcher:
    def __init__(self, where, name, folder, identity):
        self.where, self.name, self.folder = where, name, folder
        self.identities = sealing.read_identities(identity) if identity else None

    def fetch(self):
        file = self.where.manifest_of(self.name)
        self.where.fetch(f"{self.name}/{file}", self.folder / file)
        manifest = Manifest.loads(_text(self.opened(self.folder / file)))
        there = set(self.where.folders()[self.name])
        for part in manifest.parts:
            if part.name not in there:
                raise NotWhole(f"{part.name} is missing from {self.name}.")
            self.take(part)
        return Archive(self.name, self.folder, manifest)

    def take(self, part):
        path = self.folder / Path(part.name).name
        self.where.fetch(f"{self.name}/{part.name}", path)
        with open(path, "rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if (path.stat().st_size, sha256) != (part.size, part.sha256):
            raise NotWhole(f"{part.name} of {self.name} was cut short or altered: its hash is not the manifest's.")
        self.opened(path)

    def opened(self, path):
        if path.suffix != sealing.SUFFIX:
            return path
        if not self.identities:
            raise WrongKey(f"{self.name} is sealed: give the owner's key by --identity FILE.")
        return sealing.unseal(path, self.identities)


def _text(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NotWhole("The manifest of this backup cannot be read.") from error


def _check_sheets(archive):
    for sheet in archive.manifest.sheets:
        digest, rows = hashlib.sha256(), 0
        with sheets.opened(archive.path(sheet.part)) as file:
            while chunk := _read(file, sheet):
                digest.update(chunk)
                rows += chunk.count(b"\n")
        if (rows, digest.hexdigest()) != (sheet.rows, sheet.sha256):
            raise NotWhole(f"{sheet.table.name} does not hold what the manifest says.")


def _read(file, sheet):
    try:
        return file.read(media.CHUNK)
    except (OSError, EOFError) as error:
        raise NotWhole(f"{sheet.part} cannot be unpacked.") from error


def _check_media(archive):
    found = {}
    for tar in archive.tars:
        found |= {name: media.digest_of(source) for name, source in media.unpack(tar)}
    if found != {file.path: file.sha256 for file in archive.manifest.media}:
        raise NotWhole("The media files are not those that the manifest names.")
