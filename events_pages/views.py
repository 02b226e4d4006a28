from django.shortcuts import render
from django.views.decorators.http import require_safe

from events_pages import page_cache


@require_safe
@page_cache.cacheable
def robots(request):
    """Anybody. Orders and baskets are nobody's business but the buyer's."""
    return render(request, "robots.txt", content_type="text/plain")
