"""Health and metrics for machines: never cached, nothing secret in the answers."""

import hmac

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from operations.monitoring import health
from operations.monitoring import metrics as figures


@never_cache
@require_safe
def health_overall(request):
    """Public, for uptime monitors and a platform's start probe: 503 when the site does not do its work."""
    report = health.build_health_report()
    parts = {name: reason or "ok" for name, reason in report.parts.items()}
    return health_response({"status": report.status, "parts": parts}, ok=report.ok)


@never_cache
@require_safe
def health_live(request):
    """Public, for a platform that restarts what hangs: this process answers. Asks neither database nor cache."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def health_sell(request):
    """Public, for uptime monitors: can all be bought that should be on sale now? 503 when something cannot."""
    try:
        trouble = health.why_nothing_sells()
        sales = health.list_open_sales(trouble)
    except DatabaseTrouble:
        trouble, sales = _("the database does not answer"), []
    closed = bool(trouble) or any(sale.reason for sale in sales)
    rows = [{"sale": sale.sale_id, "page": sale.path, "reason": sale.reason} for sale in sales]
    return health_response({"selling": not closed, "reason": trouble, "sales": rows}, ok=not closed)


def health_response(content, *, ok):
    """Without Django's own log line for a 503: a probe would cause one every ten seconds."""
    response = JsonResponse(content, status=200 if ok else 503)
    response._has_been_logged = not ok
    return response


@never_cache
@require_safe
def prometheus_metrics(request):
    """For whoever has METRICS_TOKEN; the address does not exist while that is empty."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(figures.render_metrics(), content_type=figures.CONTENT_TYPE)
