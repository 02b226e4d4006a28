"""Sizes of pictures, and what happens when one cannot be made.

A file may be lost, broken or of an unknown kind, a disk full, a bucket away: then the picture is left out, and the page
is served all the same.
"""

import logging
from collections import defaultdict
from functools import wraps

from django.core.cache import cache
from django.db import DatabaseError
from wagtail.images.models import Filter, Image, Rendition, SourceImageIOError
from willow.plugins.pillow import PillowImage
from willow.registry import registry

from common.files.pictures import simplify_picture
from events_pages.public.content_version import ContentMemory

logger = logging.getLogger(__name__)

CARD = "fill-480x600|format-webp"
POSTER = "width-960|format-webp"
SHARING = "fill-1200x630|format-jpeg"
GALLERY = "fill-480x360|format-webp"
STORY = "width-1000|format-webp"

POSTER_SIZES = (CARD, POSTER, SHARING)
REST = 10 * 60  # seconds until a picture that could not be made is tried again


_posters = ContentMemory()


def find_rendition(image, size):
    """Made when it is missing; None when that fails, which has been logged."""
    rendition = find_prefetched(image, size) or image.get_rendition(size)
    return rendition if rendition.pk else None


def find_prefetched(image, size):
    """Wagtail finds these too, and writes each to the cache again whenever it is asked for."""
    focus = Filter(spec=size).get_cache_key(image)
    found = getattr(image, "prefetched_renditions", ())
    return next((each for each in found if (each.filter_spec, each.focal_point_key) == (size, focus)), None)


def attach_posters(pages, *sizes):
    """Pictures with these sizes of them, remembered until somebody edits: one statement where they are not, and another
    for pictures that have none of the sizes."""
    found = _posters.recall({(page.poster_id, sizes) for page in pages if page.poster_id}, load_posters)
    for page in pages:
        if page.poster_id:
            page.poster = found[page.poster_id, sizes]


def load_posters(keys):
    [sizes] = {sizes for _pk, sizes in keys} or [()]
    wanted, images, made = {pk for pk, _sizes in keys}, {}, defaultdict(list)
    for each in Rendition.objects.filter(image__in=wanted, filter_spec__in=sizes).select_related("image"):
        each.image = images.setdefault(each.image_id, each.image)
        made[each.image_id].append(each)
    if bare := wanted - images.keys():
        images |= Image.objects.in_bulk(bare)
    for pk, image in images.items():
        image.prefetched_renditions = made[pk]
    return {(pk, sizes): image for pk, image in images.items()}


def connect_renditions():
    """Every picture shown is a simple one, and every failure is one that Wagtail expects."""
    registry.register_operation(PillowImage, "auto_orient", _simplified)
    for name in ("create_rendition", "create_renditions"):
        setattr(Image, name, _forgiving(getattr(Image, name)))
    Image.get_rendition = _or_not_found(Image.get_rendition)


def _simplified(willow_image):
    return PillowImage(simplify_picture(willow_image.get_pillow_image()))


def _or_not_found(get):
    """Wagtail's tags answer a lost file by a rendition without a row; this does so for every caller."""

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
    """Raises SourceImageIOError for any failure, because Wagtail's tags and lists forgive no other.

    It is logged once, and the picture is left alone for a while: decoding one in vain takes as long as a whole page.
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
        except Exception as error:  # whatever a decoder thinks of; a page is shown without the picture
            if cache.add(key, True, REST):
                logger.error("pictures.broken image=%s error=%s", image.pk, type(error).__name__)
            raise SourceImageIOError(str(error)) from error

    return created
