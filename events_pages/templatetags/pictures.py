"""Pictures on public pages: shown, or left out when they cannot be; a page never breaks over one."""

from django import template

from events_pages.public import renditions

register = template.Library()

SIZES = {
    "card": renditions.CARD,
    "poster": renditions.POSTER,
    "gallery": renditions.GALLERY,
    "story": renditions.STORY,
}


@register.simple_tag
def shown_picture(image, size, **attributes):
    rendition = renditions.find_rendition(image, SIZES[size]) if image else None
    return rendition.img_tag(attributes) if rendition else ""


@register.simple_tag
def sharing_picture(*images):
    found = (renditions.find_rendition(image, renditions.SHARING) for image in images if image)
    return next(filter(None, found), None)
