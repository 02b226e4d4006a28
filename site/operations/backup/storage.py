"""Storage of backups: a folder, or a bucket that speaks S3."""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from operations.backup.errors import BackupError
from operations.backup.manifest import NAME as MANIFEST

NAME_FORMAT = "jersey-%Y%m%dT%H%M%SZ"
BACKUP_NAME = re.compile(r"jersey-\d{8}T\d{6}Z", re.ASCII)
RETRIES = {"max_attempts": 4, "mode": "standard"}
MANIFESTS = (MANIFEST, f"{MANIFEST}.age")


def open_storage(text):
    """`s3://bucket/prefix` is a bucket, anything else a folder."""
    parts = urlsplit(text)
    return BucketStorage(parts.netloc, parts.path.strip("/")) if parts.scheme == "s3" else FolderStorage(Path(text))


def find_backup(text):
    """(storage, name) of the backup at an address, or of the newest one when the address is a storage.

    Raises BackupError when there is none.
    """
    parent, _, last = text.rstrip("/").rpartition("/")
    if BACKUP_NAME.fullmatch(last):
        where, name = open_storage(parent or "."), last
        if name not in where.backups():
            raise BackupError(f"There is no whole backup {name} in {parent or '.'}.")
        return where, name
    where = open_storage(text.rstrip("/") or "/")
    names = where.backups()
    if not names:
        raise BackupError(f"There is no backup in {text}.")
    return where, names[-1]


class Storage:
    """`_list()` yields every file as (`backup/file`, size in bytes); the rest follows."""

    def backups(self):
        """The names of all whole backups, oldest first."""
        return sorted(name for name, files in self.folders().items() if set(files) & set(MANIFESTS))

    def folders(self):
        """{backup name: {file name: size}}, half-written ones too."""
        found = {}
        for path, size in self._list():
            name, _, file = path.partition("/")
            if BACKUP_NAME.fullmatch(name) and file:
                found.setdefault(name, {})[file] = size
        return found

    def sizes(self, name):
        return self.folders()[name]

    def manifest_of(self, name):
        return next(file for file in self.folders()[name] if file in MANIFESTS)

    def drop(self, name):
        """Deletes a backup, its manifest first: whatever a failure leaves is no backup any more."""
        files = self.folders().get(name, {})
        for file in sorted(files, key=lambda file: file not in MANIFESTS):
            self._delete(f"{name}/{file}")


class FolderStorage(Storage):
    def __init__(self, path):
        self.path = path

    def __str__(self):
        return str(self.path)

    def put(self, path, name):
        """Atomic, and flushed to the disk when it returns."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        shutil.copyfile(path, part)
        with open(part, "rb") as file:
            os.fsync(file.fileno())
        part.replace(target)

    def fetch(self, name, path):
        shutil.copyfile(self.path / name, path)

    def drop(self, name):
        super().drop(name)
        shutil.rmtree(self.path / name, ignore_errors=True)

    def _list(self):
        files = (file for file in self.path.glob("jersey-*/*") if file.is_file())
        return [(file.relative_to(self.path).as_posix(), file.stat().st_size) for file in files]

    def _delete(self, name):
        (self.path / name).unlink()


class BucketStorage(Storage):
    def __init__(self, bucket, prefix):
        self.bucket, self.prefix = bucket, f"{prefix}/" if prefix else ""
        self.client = make_s3_client()

    def __str__(self):
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def put(self, path, name):
        self.client.upload_file(str(path), self.bucket, self.prefix + name)

    def fetch(self, name, path):
        self.client.download_file(self.bucket, self.prefix + name, str(path))

    def _list(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        found = (each for page in pages for each in page.get("Contents", ()))
        return [(each["Key"].removeprefix(self.prefix), each["Size"]) for each in found]

    def _delete(self, name):
        self.client.delete_object(Bucket=self.bucket, Key=self.prefix + name)


UNREACHABLE = (OSError, BotoCoreError, ClientError, boto3.exceptions.Boto3Error)
"""What a storage may raise: no room, no permission, no answer."""


def make_s3_client():
    """With the S3_… settings; empty ones leave it to the machine's own configuration."""
    return boto3.client(
        "s3",
        endpoint_url=settings.S3_ENDPOINT_URL or None,
        region_name=settings.S3_REGION or None,
        aws_access_key_id=settings.S3_ACCESS_KEY_ID or None,
        aws_secret_access_key=settings.S3_SECRET_ACCESS_KEY or None,
        config=Config(connect_timeout=10, read_timeout=60, retries=RETRIES),
    )
