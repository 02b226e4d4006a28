from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from events_pages import page_cache
from events_pages.models import LegalPage


@require_safe
def legal(request, kind):
    """Anybody. The text of that kind which is in force today, wherever its page is."""
    page = LegalPage.current(kind)
    if page is None:
        raise Http404
    return redirect(page.get_url(request))


@require_safe
def legal_version(request, kind, version):
    """Anybody. The text that somebody accepted, also when another one is in force by now."""
    page = LegalPage.objects.live().filter(kind=kind, version=version).defer("body").first()
    if page is None:
        raise Http404
    return redirect(page.get_url(request))


@require_safe
@page_cache.cacheable
def robots(request):
    """Anybody. Orders and baskets are nobody's business but the buyer's."""
    return render(request, "robots.txt", content_type="text/plain")
