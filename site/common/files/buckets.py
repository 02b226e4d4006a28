"""Storages in S3 buckets. Their files have addresses that last: no signed link runs out in a kept page."""

from urllib.parse import urljoin

from django.conf import settings
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

CHECKED = "/media/"


class PrivateBucket(S3Storage):
    """Originals and documents. Their addresses lead to this site, which asks who is there."""

    def url(self, name, parameters=None, expire=None, http_method=None):
        return urljoin(CHECKED, filepath_to_uri(name))


class PublicBucket(S3Storage):
    """What pages show: pictures as Wagtail has made them for their place."""

    def url(self, name, parameters=None, expire=None, http_method=None):
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name))
