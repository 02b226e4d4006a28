"""Pictures that organisers uploaded, from the disk of the site or from its bucket."""

import mimetypes
from posixpath import normpath
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import FileResponse, Http404
from django.utils.cache import patch_cache_control
from django.utils.encoding import filepath_to_uri
from django.views.decorators.http import require_safe
from django.views.static import serve
from storages.backends.s3 import S3Storage

A_DAY = 24 * 60 * 60
SHOWN = {"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"}
DOCUMENTS = "documents/"


class BucketStorage(S3Storage):
    """A bucket whose files have the addresses that MEDIA_URL says: no signed link runs out in a kept page."""

    def url(self, name, parameters=None, expire=None, http_method=None):
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name))


@require_safe
def media(request, path):
    """Public. Every rendition has a name of its own, so browsers and proxies may keep it for a day.

    Documents are not served here: Wagtail's own address for them asks who may read the collection. What is no picture
    is saved, not shown.
    """
    if normpath(path).lstrip("/").startswith(DOCUMENTS):
        raise Http404
    response = from_disk(request, path) if isinstance(default_storage, FileSystemStorage) else from_bucket(path)
    if response.headers.get("Content-Type") not in SHOWN and response.status_code == 200:
        response.headers["Content-Disposition"] = "attachment"
    patch_cache_control(response, public=True, max_age=A_DAY)
    return response


def from_disk(request, path):
    return serve(request, path, document_root=settings.MEDIA_ROOT)


def from_bucket(path):
    try:
        file = default_storage.open(path)
    except (FileNotFoundError, SuspiciousFileOperation) as error:
        raise Http404 from error
    return FileResponse(file, content_type=mimetypes.guess_type(path)[0] or "application/octet-stream")
