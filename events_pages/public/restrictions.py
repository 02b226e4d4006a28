"""Restricted pages, behind a password, a sign-in or a group, and who has passed.

Wagtail asks before it serves such a page. Whatever else names one asks here: lists, the site map, legal texts, and
ticketing for the sale.
"""

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q
from wagtail.models import PageViewRestriction

from events_pages.public.content_version import ContentMemory

PLACES = "restricted places"
_memory = ContentMemory()


def restriction_exists(path):
    """For `annotate`: whether the page whose place in the tree is at `path` (a lookup), or an ancestor, is restricted.

    Part of a statement that is made anyway, so never older than the restriction.
    """
    place = ExpressionWrapper(OuterRef(path), output_field=CharField())
    found = PageViewRestriction.objects.annotate(place=place)
    return Exists(found.filter(Q(place__startswith=F("page__path")) | Q(place__startswith=F("page__aliases__path"))))


def may_read_page(request, page):
    """By Wagtail's own rule.

    A page that is known to have no restriction (`page.is_restricted` is False) costs no query.
    """
    if getattr(page, "is_restricted", None) is False:
        return True
    return all(each.accept_request(request) for each in page.get_view_restrictions())


def public_pages(pages):
    """Wagtail's own `public()` shows aliases of restricted pages.

    The places are spelt out, not asked for in the same statement, because that is what a search understands.
    """
    places = list_restricted_places()
    if not places:
        return pages
    closed = Q(pk__in=[])
    for place in places:
        closed |= Q(path__startswith=place)
    return pages.exclude(closed)


def is_open_place(path):
    """Neither the page there nor one above it is restricted."""
    return not any(path.startswith(place) for place in list_restricted_places())


def list_restricted_places():
    """Of each restricted page and its aliases; what lies below is restricted with them. Remembered until an edit."""
    return _memory.recall([PLACES], lambda _keys: {PLACES: read_restricted_places()})[PLACES]


def read_restricted_places():
    found = PageViewRestriction.objects.values_list("page__path", "page__aliases__path")
    return {place for pair in found for place in pair if place}
