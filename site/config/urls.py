"""Every address of the site, most particular first; pages have the rest."""

from django.conf import settings
from django.conf.urls.static import static
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from config.health import health

urlpatterns = [
    path("health/", health, name="health"),
    path("tickets/", include("ticketing.urls")),
    path("payments/", include("payments.urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", include("events_pages.urls")),
    path("", include(wagtail_urls)),
]
