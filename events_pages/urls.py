from django.urls import path
from wagtail.contrib.sitemaps.views import sitemap

from events_pages import page_cache, views

urlpatterns = [
    path("sitemap.xml", page_cache.cacheable(sitemap), name="sitemap"),
    path("legal/<slug:kind>/", views.legal, name="legal"),
    path("legal/<slug:kind>/<path:version>/", views.legal_version, name="legal-version"),
    path("robots.txt", views.robots, name="robots"),
]
