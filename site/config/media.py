"""Pictures that organisers uploaded, from the disk of the site."""

from posixpath import normpath

from django.conf import settings
from django.http import Http404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

A_DAY = 24 * 60 * 60
SHOWN = {"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"}
DOCUMENTS = "documents/"


@require_safe
def media(request, path):
    """Public. Every rendition has a name of its own, so browsers and proxies may keep it for a day.

    Documents are not served here: Wagtail's own address for them asks who may read the collection. What is no picture
    is saved, not shown.
    """
    if normpath(path).lstrip("/").startswith(DOCUMENTS):
        raise Http404
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    if response.headers.get("Content-Type") not in SHOWN and response.status_code == 200:
        response.headers["Content-Disposition"] = "attachment"
    patch_cache_control(response, public=True, max_age=A_DAY)
    return response
