"""Every address of the site, most particular first; pages have the rest."""

from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls

from config import public_urls

urlpatterns = [
    path("admin/", include("protection.urls")),
    path("admin/", include(wagtailadmin_urls)),
    *public_urls.urlpatterns,
]
