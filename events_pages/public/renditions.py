"""The sizes in which posters and pictures are shown, and what happens when one cannot be made.

A picture decorates a page that sells. A file that is lost, broken or of an unknown kind, a full disk, a bucket that is
away: all of it costs the picture, and never the page.
"""

import logging
from functools import wraps

from django.core.cache import cache
from django.db import DatabaseError
from wagtail.images.models import Image, Rendition, SourceImageIOError
from willow.plugins.pillow import PillowImage
from willow.registry import registry

from common.files.pictures import simplify_picture

logger = logging.getLogger(__name__)

CARD = "fill-480x600|format-webp"
POSTER = "width-960|format-webp"
SHARING = "fill-1200x630|format-jpeg"
GALLERY = "fill-480x360|format-webp"
STORY = "width-1000|format-webp"

POSTER_SIZES = (CARD, POSTER, SHARING)
REST = 10 * 60  # seconds until a picture that could not be made is tried again


def find_rendition(image, size):
    """The picture in that size, made when it is missing; None when that fails, which has been logged."""
    rendition = image.get_rendition(size)
    return rendition if rendition.pk else None


def connect_renditions():
    """Every picture shown is a simple one, whatever its original is; and every failure is one that Wagtail expects."""
    registry.register_operation(PillowImage, "auto_orient", _simplified)
    for name in ("create_rendition", "create_renditions"):
        setattr(Image, name, _forgiving(getattr(Image, name)))
    Image.get_rendition = _or_not_found(Image.get_rendition)


def _simplified(willow_image):
    return PillowImage(simplify_picture(willow_image.get_pillow_image()))


def _or_not_found(get):
    """Wagtail's tags say so themselves; whoever else asks for a picture gets the same: one without a row."""

    @wraps(get)
    def got(image, size):
        try:
            return get(image, size)
        except SourceImageIOError:
            rendition = Rendition(image=image, width=0, height=0)
            rendition.file.name = "not-found"
            return rendition

    return got


def _forgiving(create):
    """Wagtail's tags and lists forgive a lost file alone, so whatever else goes wrong is told as that.

    It is logged once and left alone for a while: decoding a picture in vain takes as long as a whole page.
    """

    @wraps(create)
    def created(image, *filters):
        key = f"broken_picture:{image.pk}:{image.file_hash}"
        if filters and cache.get(key):
            raise SourceImageIOError("This picture could not be made a moment ago.")
        try:
            return create(image, *filters)
        except DatabaseError:
            raise
        except Exception as error:
            if cache.add(key, True, REST):
                logger.error("pictures.broken image=%s error=%s", image.pk, type(error).__name__)
            raise SourceImageIOError(str(error)) from error

    return created
