"""Pictures and documents that organisers uploaded, from the disk of the site."""

from django.conf import settings
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

A_DAY = 24 * 60 * 60


@require_safe
def media(request, path):
    """Public. Every rendition has a name of its own, so browsers and proxies may keep it for a day."""
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    patch_cache_control(response, public=True, max_age=A_DAY)
    return response
