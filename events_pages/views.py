from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps import Sitemap
from wagtail.contrib.sitemaps.views import sitemap as wagtail_sitemap

from events_pages.legal import security_contact
from events_pages.models import LegalPage, Performance
from events_pages.public import page_cache, restrictions


@require_safe
def legal_text(request, kind):
    """Anybody. The text of that kind which is in force today, wherever its page is."""
    page = LegalPage.current(kind)
    if page is None:
        raise Http404
    return redirect(page.get_url(request))


@require_safe
def legal_version(request, kind, version):
    """Anybody. The text that somebody accepted, also when another one is in force by now."""
    if "\0" in version:  # no text that a database keeps
        raise Http404
    page = LegalPage.objects.live().filter(kind=kind, version=version).defer("body").first()
    if page is None or not restrictions.may_read_page(request, page):
        raise Http404
    return redirect(page.get_url(request))


class PublicSitemap(Sitemap):
    def items(self):
        dates = Performance.objects.filter(page=OuterRef("pk")).order_by("-changed_at").values("changed_at")
        return restrictions.public_pages(super().items()).annotate(dates_changed_at=Subquery(dates[:1]))


@require_safe
@page_cache.cacheable_view
def public_sitemap(request):
    """Anybody. The pages that everybody may read."""
    return wagtail_sitemap(request, {"pages": PublicSitemap})


@require_safe
@page_cache.cacheable_view
def robots_txt(request):
    """Anybody. Orders and baskets are nobody's business but the buyer's."""
    return render(request, "robots.txt", content_type="text/plain")


@require_safe
@page_cache.cacheable_view
def security_txt(request):
    """Anybody. Whom to tell of a hole; the address does not exist while that is nobody."""
    contact = security_contact.find_security_contact()
    if not contact:
        raise Http404
    lines = security_contact.security_txt_lines(contact, path=request.path, now=timezone.now())
    text = "".join(f"{line}\n" for line in lines)
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "max-age=3600"})
