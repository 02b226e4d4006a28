"""Which pages stand behind a password, a sign-in or a group, and who has passed.

Wagtail asks before it serves such a page. Whatever else names one asks here: lists, the site map, legal texts, and
ticketing for the sale.
"""

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q
from wagtail.models import PageViewRestriction


def restriction_exists(path):
    """Whether the page whose place in the tree is at `path` (a lookup) is restricted, it or an ancestor.

    For `annotate`: it rides along in a statement that is made anyway, and is never older than the restriction.
    """
    place = ExpressionWrapper(OuterRef(path), output_field=CharField())
    found = PageViewRestriction.objects.annotate(place=place)
    return Exists(found.filter(Q(place__startswith=F("page__path")) | Q(place__startswith=F("page__aliases__path"))))


def may_read_page(request, page):
    """Whether this visitor has passed every restriction of the page: as Wagtail itself decides.

    A page that is known to have none (`page.is_restricted` is False) costs no query.
    """
    if getattr(page, "is_restricted", None) is False:
        return True
    return all(each.accept_request(request) for each in page.get_view_restrictions())


def public_pages(pages):
    """Those of a queryset that everybody may read. Wagtail's own `public()` shows aliases of restricted pages.

    The places are spelt out instead of asked for in the same statement: that is what a search understands.
    """
    closed = Q(pk__in=[])
    for place in _restricted_places():
        closed |= Q(path__startswith=place)
    return pages.exclude(closed)


def _restricted_places():
    """Of each restricted page and its aliases; what is below them is restricted with them."""
    found = PageViewRestriction.objects.values_list("page__path", "page__aliases__path")
    return {place for pair in found for place in pair if place}
