"""Uploaded files, from the disk of the site or from its bucket, and who may read which.

Strangers read renditions, which Wagtail makes for pages, and nothing else. Originals may show more than the page does
(what was cut off, where a photograph was taken), so they are for whoever may choose the picture. Documents have an
address of Wagtail's own, which asks who may read their collection. Whatever else lies there is not served.
"""

import logging
import mimetypes
import re

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, storages
from django.http import FileResponse, Http404, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve
from wagtail.images import get_image_model
from wagtail.permissions import policy_registry

logger = logging.getLogger(__name__)

A_DAY = 24 * 60 * 60
SHOWN = {"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"}
RENDITIONS, ORIGINALS, AVATARS = "images", "original_images", "avatar_images"
# A name as Wagtail gives it. Whatever a storage would read otherwise than it is written (dots, slashes, backslashes,
# other alphabets) is no key at all, so nothing has to be compared after the storage's own normalisation.
KEY = re.compile(rf"({RENDITIONS}|{ORIGINALS}|{AVATARS})/[a-z0-9_][a-z0-9_.-]{{0,199}}", re.ASCII | re.IGNORECASE)
TO_SEE_ORIGINALS = ["choose", "change", "delete"]


@require_safe
def serve_media(request, path):
    """Anybody for renditions, each of which has a name of its own, so that browsers and proxies may keep it for a day;
    staff for originals."""
    key = KEY.fullmatch(path)
    if not key:
        raise Http404
    if key[1] == RENDITIONS:
        return _with_headers(_read(request, path, storages["renditions"]), public=True, max_age=A_DAY)
    if not may_read_original(request.user, path):
        raise Http404
    response = _with_headers(_read(request, path, storages["default"]), private=True, no_store=True)
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def may_read_original(user, key):
    """Portraits are for all of the staff; pictures for whoever may choose or change them."""
    if not user.has_perm("wagtailadmin.access_admin"):
        return False
    if key.startswith(AVATARS):
        return True
    policy = policy_registry.get_by_type(get_image_model())
    allowed = policy.instances_user_has_any_permission_for(user, TO_SEE_ORIGINALS)
    return allowed.filter(file=key).exists()


def _read(request, key, storage):
    if isinstance(storage, FileSystemStorage):
        return serve(request, key, document_root=settings.MEDIA_ROOT)
    try:
        file = storage.open(key)
    except (FileNotFoundError, SuspiciousFileOperation) as error:
        raise Http404 from error
    except (BotoCoreError, ClientError) as error:
        logger.warning("media.unreachable error=%s", type(error).__name__)
        return HttpResponse(status=503, headers={"Retry-After": "10"})
    return FileResponse(file, content_type=mimetypes.guess_type(key)[0] or "application/octet-stream")


def _with_headers(response, **caching):
    """What is no picture is saved, not shown; and only an answer is kept, never a failure."""
    if response.status_code not in (200, 304):
        return response
    if response.headers.get("Content-Type") not in SHOWN and response.status_code == 200:
        response.headers["Content-Disposition"] = "attachment"
    patch_cache_control(response, **caching)
    return response
