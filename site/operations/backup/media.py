"""Pictures and documents: packed into tar files of limited size, from and to any storage."""

import hashlib
import tarfile
from tempfile import SpooledTemporaryFile

from django.core.files import File
from django.core.files.storage import default_storage

from common.files.media import RENDITIONS
from operations.backup.errors import DamagedBackup
from operations.backup.manifest import MediaFile, is_confined
from operations.backup.storage import BACKUP_NAME

PART_SIZE = 256 * 1024 * 1024
IN_MEMORY = 4 * 1024 * 1024
CHUNK = 256 * 1024
PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)  # no links, no devices, no holes


def list_uploads(storage, folder=""):
    """The name of every upload, without renditions (made again on demand) and backups in the same bucket."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        if name:
            yield f"{folder}/{name}".lstrip("/")
    for name in sorted(folders):
        if BACKUP_NAME.fullmatch(name) or (not folder and name == RENDITIONS):
            continue
        yield from list_uploads(storage, f"{folder}/{name}".lstrip("/"))


def pack_uploads(folder, storage=default_storage, size=PART_SIZE):
    """Yields (path of a tar file in `folder`, its MediaFiles), one by one."""
    names, number = list_uploads(storage), 0
    name = next(names, None)
    while name is not None:
        number += 1
        path, files, room = folder / f"media-{number:03}.tar", [], size
        with tarfile.open(path, "w") as tar:
            while name is not None and room > 0:
                if file := _add(tar, storage, name):
                    files.append(file)
                    room -= file.size
                name = next(names, None)
        yield path, files


def _add(tar, storage, name):
    """None for a file that was deleted since it was listed."""
    with SpooledTemporaryFile(IN_MEMORY) as copy:
        try:
            with storage.open(name) as source:
                digest = _copy(source, copy)
        except FileNotFoundError:
            return None
        info = tarfile.TarInfo(name)
        info.size = copy.tell()
        copy.seek(0)
        tar.addfile(info, copy)
        return MediaFile(name, info.size, digest)


def read_tar(path):
    """Yields (name, size, readable) of each file in a tar file. Raises DamagedBackup for anything but plain files."""
    try:
        with tarfile.open(path, "r:") as tar:
            for info in tar:
                if info.type not in PLAIN or not is_confined(info.name):
                    raise DamagedBackup(f"{path.name} holds something that is no plain file below its folder.")
                yield info.name, info.size, tar.extractfile(info)
    except tarfile.TarError as error:
        raise DamagedBackup(f"{path.name} cannot be unpacked.") from error


def restore_uploads(path, storage=default_storage):
    for name, _size, source in read_tar(path):
        if storage.exists(name):
            with storage.open(name) as there:
                if hash_content(there) == hash_content(source):
                    continue
            storage.delete(name)
        source.seek(0)
        storage.save(name, File(source))


def hash_content(source):
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _copy(source, target):
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()
