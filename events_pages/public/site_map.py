"""The map of the site for search engines: one file, or an index of parts where pages are many.

A part is a range of page numbers, so that it stays the same file whatever is published or taken away.
"""

from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from wagtail.contrib.sitemaps import Sitemap
from wagtail.contrib.sitemaps.views import sitemap as wagtail_sitemap
from wagtail.models import Page

from events_pages.models.performances import Performance
from events_pages.public import restrictions

PART = 200
"""Numbers of pages in a part; a site of no more pages has one file."""


class PublicSitemap(Sitemap):
    """Of the pages with these numbers, or of all."""

    def __init__(self, request, numbers=None):
        super().__init__(request)
        self.numbers = numbers

    def items(self):
        dates = Performance.objects.filter(page=OuterRef("pk")).order_by("-changed_at").values("changed_at")
        pages = restrictions.public_pages(super().items()).annotate(dates_changed_at=Subquery(dates[:1]))
        return limit_to_part(pages, self.numbers) if self.numbers else pages


def limit_to_part(pages, numbers):
    return pages.filter(pk__gte=numbers.start, pk__lt=numbers.stop)


def list_public(request):
    """Without what makes a page what it is: two or three statements for any number of parts."""
    root = Sitemap(request).get_wagtail_site().root_page
    return restrictions.public_pages(root.get_descendants(inclusive=True).live()).order_by()


def answer_site_map(request):
    public = list_public(request)
    if len(public.values_list("pk")[: PART + 1]) <= PART:
        return wagtail_sitemap(request, {"pages": PublicSitemap(request)})
    address = f"{request.scheme}://{request.get_host()}"
    parts = [f"{address}{reverse('sitemap-part', args=[part])}" for part in list_parts(public)]
    maps = [{"location": part} for part in parts]
    return TemplateResponse(request, "sitemap_index.xml", {"sitemaps": maps}, content_type="application/xml")


def list_parts(public):
    """Numbers of the parts that have a page: of each the first is looked up by its key, in one statement."""
    last = Page.objects.order_by("-pk").values_list("pk", flat=True).first()
    parts = range(1, last // PART + 2)
    firsts = [Subquery(limit_to_part(public, numbers_of(part)).order_by("pk").values("pk")[:1]) for part in parts]
    [found] = Page.objects.order_by("pk").values_list(*firsts)[:1]
    return [part for part, first in zip(parts, found, strict=True) if first]


def numbers_of(part):
    return range((part - 1) * PART, part * PART)


def answer_part(request, part):
    """Raises Http404 for a part without a page."""
    if not limit_to_part(list_public(request), numbers_of(part)).exists():
        raise Http404
    return wagtail_sitemap(request, {"pages": PublicSitemap(request, numbers_of(part))})
