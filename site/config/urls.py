"""Every address of the site, most particular first; pages have the rest."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from common.files.media import serve_media
from operations import views as operations
from protection.views import password_pages
from ticketing.views import mail_events

urlpatterns = [
    path("health/", operations.health_overall, name="health"),
    path("health/live/", operations.health_live, name="health-live"),
    path("health/sell/", operations.health_sell, name="health-sell"),
    path("metrics", operations.prometheus_metrics, name="metrics"),
    path("mail/events/<slug:provider>/", mail_events.receive_mail_events, name="mail-events"),
    path("tickets/", include("ticketing.urls")),
    path("payments/", include("payments.urls")),
    path("admin/", include("protection.urls")),
    path("admin/", include(wagtailadmin_urls)),
    path(
        "documents/authenticate_with_password/<int:restriction_id>/",
        password_pages.documents_password,
        name="wagtaildocs_authenticate_with_password",
    ),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:path>", serve_media, name="media"),
    path("", include("events_pages.urls")),
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        password_pages.page_password,
        name="wagtailcore_authenticate_with_password",
    ),
    path("", include(wagtail_urls)),
]
